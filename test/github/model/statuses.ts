import type { FakeAccount } from "../route.ts";

/** States of a commit status. */
export type StatusState = "error" | "failure" | "pending" | "success";

/** One status of a commit; statuses are only ever added. */
export interface FakeStatus {
  readonly id: number;
  readonly sha: string;
  readonly context: string;
  readonly state: StatusState;
  readonly description: string | null;
  readonly targetUrl: string | null;
  readonly createdAt: string;
  readonly creator: FakeAccount;
}

const MAX_STATUSES = 1000;
const MAX_DESCRIPTION = 140;

/** Commit statuses of one repository. */
export class Statuses {
  readonly #all: FakeStatus[] = [];

  /** Why GitHub refuses one more status; null where it does not. */
  problem(
    sha: string,
    context: string,
    description: string | null,
  ): { readonly field: string; readonly message: string } | null {
    if ((description ?? "").length > MAX_DESCRIPTION)
      return { field: "description", message: `description is too long (maximum is ${MAX_DESCRIPTION} characters)` };
    if (this.of(sha).filter((status) => status.context === context).length >= MAX_STATUSES)
      return { field: "context", message: "This SHA and context has reached the maximum number of statuses." };
    return null;
  }

  add(status: FakeStatus): void {
    this.#all.push(status);
  }

  /** Statuses of a commit, newest first. */
  of(sha: string): readonly FakeStatus[] {
    return this.#all.filter((status) => status.sha === sha).toReversed();
  }

  /** The newest status of each context. */
  newest(sha: string): readonly FakeStatus[] {
    const byContext = new Map<string, FakeStatus>();
    for (const status of this.of(sha)) if (!byContext.has(status.context)) byContext.set(status.context, status);
    return [...byContext.values()];
  }
}

/** The combined state: any failure or error fails, none or any pending is pending. */
export function combinedState(newest: readonly FakeStatus[]): "failure" | "pending" | "success" {
  if (newest.some((status) => status.state === "error" || status.state === "failure")) return "failure";
  return newest.length === 0 || newest.some((status) => status.state === "pending") ? "pending" : "success";
}
