import type { FakeStatus } from "../model/statuses.ts";
import type { Call } from "../route.ts";
import { repoUrl } from "./show-repository.ts";
import { nodeId, showUserOrNull } from "./show-user.ts";

/** A status in the short form of the combined answer. */
export function showShortStatus(status: FakeStatus, call: Call): Readonly<Record<string, unknown>> {
  return {
    url: `${repoUrl(call.repo, call.world)}/statuses/${status.sha}`,
    avatar_url: `${call.world.urls.server}/avatars/${status.creator.id}`,
    id: status.id,
    node_id: nodeId("SC", status.id),
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: status.createdAt,
    updated_at: status.createdAt,
  };
}

/** A status with its creator. */
export function showStatus(status: FakeStatus, call: Call): Readonly<Record<string, unknown>> {
  return { ...showShortStatus(status, call), creator: showUserOrNull(status.creator, call.world) };
}
