import { NO_OBJECT } from "./bare-repository.ts";
import type { FakeRepository, RefMove } from "./repository.ts";
import type { Caller, Reply } from "./route.ts";
import { ruleRefusal } from "./rules.ts";
import { changesWorkflows } from "./workflow-files.ts";

const FLUSH = Buffer.from("0000");

/** Reads what a push wants, pkt-lines until the first flush, and the pack that comes with it. */
export function pushOf(body: Buffer): { readonly commands: readonly RefMove[]; readonly pack: Buffer } {
  const commands: RefMove[] = [];
  let at = 0;
  while (at + 4 <= body.length) {
    const length = Number.parseInt(body.toString("latin1", at, at + 4), 16);
    if (Number.isNaN(length) || length < 4) break;
    const [line = ""] = body.toString("utf8", at + 4, at + length).split(/[\0\n]/);
    const [, from = "", to = "", ref] = /^([0-9a-f]{40}) ([0-9a-f]{40}) (.+)$/.exec(line) ?? [];
    const oid = (text: string): string | null => (text === NO_OBJECT ? null : text);
    if (ref !== undefined) commands.push({ ref, from: oid(from), to: oid(to) });
    at += length;
  }
  const start = body.indexOf("PACK", at);
  return { commands, pack: start < 0 ? Buffer.alloc(0) : body.subarray(start) };
}

/** Why a ref of a push is refused: what git says behind the ref, and what else is told. */
export interface Refusal {
  readonly reason: string;
  readonly said: readonly string[];
}

/** Says why GitHub refuses a move of a push; null where it does not. */
export async function refusalOf(repo: FakeRepository, move: RefMove, caller: Caller | null): Promise<Refusal | null> {
  const rule = ruleRefusal(repo, move, caller);
  if (rule !== null) {
    const said = [`error: GH013: Repository rule violations found for ${move.ref}.`, "", `- ${rule}`, ""];
    return { reason: "push declined due to repository rule violations", said };
  }
  if (!(await changesWorkflows(repo, move, caller))) return null;
  const reason = "refusing to allow a GitHub App to create or update workflows without `workflows` permission";
  return { reason, said: [] };
}

/** Answers a push that is refused: GitHub judges it as a whole, before any ref moves. */
export function refusedPush(moves: readonly RefMove[], refusals: readonly (Refusal | null)[]): Reply {
  const verdicts = moves.map(({ ref }, at) => `ng ${ref} ${refusals[at]?.reason ?? "pre-receive hook declined"}\n`);
  const report = Buffer.concat([...["unpack ok\n", ...verdicts].map((line) => packet(line)), FLUSH]);
  const said = refusals.flatMap((refusal) => refusal?.said ?? []);
  const progress = said.length === 0 ? [] : [packet(`\u0002${said.join("\n")}\n`)];
  const body = Buffer.concat([...progress, packet(Buffer.concat([Buffer.of(1), report])), FLUSH]);
  return { status: 200, body, headers: { "content-type": "application/x-git-receive-pack-result" } };
}

function packet(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, "0")), bytes]);
}
