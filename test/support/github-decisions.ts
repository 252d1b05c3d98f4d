import { expect } from "vitest";
import { isData, type Data } from "../../src/kernel/json.ts";
import { approve } from "../github/people.ts";
import { at, clone, promotion, type ProposalNamed, proposalOf, type Stage } from "./github-stage.ts";

/** The branch of decisions. */
export const DECISIONS = "refs/heads/waybill/decisions";
/** The pointer that every story moves. */
export const POINTER = "channels/acme-notes/stable.json";

/** Text of a file on a branch of the stand-in, as git holds it. */
export async function textOf({ acme: { repo } }: Stage, ref: string, path: string): Promise<string> {
  const found = await repo.object(`${ref}:${path}`);
  return found?.bytes.toString("utf8") ?? "";
}

/** What one rule of an answer's verdict says; undefined where it has no such row. */
export function rowOf(answer: Data, rule: string): unknown {
  const rules = at(answer, "result", "verdict", "rules");
  const rows: readonly unknown[] = Array.isArray(rules) ? rules : [];
  return rows.find((row) => at(row, "rule") === rule);
}

/** Asks for 1.0.0 on stable, as alice. */
export async function promoted(stage: Stage): Promise<ProposalNamed> {
  return proposalOf(await stage.alice.sure(promotion("1.0.0"), 3));
}

/** Approves a pull request as bob. */
export function asBob({ acme }: Stage, number: number): Promise<number> {
  return approve(acme.github, acme.repo, number, acme.people.bob);
}

/** Proposes another policy. */
async function changePolicy(stage: Stage, change: (policy: Data) => object): Promise<ProposalNamed> {
  const policy: unknown = JSON.parse(await textOf(stage, DECISIONS, "policy.json"));
  if (!isData(policy)) throw new Error("no policy");
  const file = stage.alice.machine.write("policy.json", JSON.stringify({ ...policy, ...change(policy) }));
  const line = ["waybill", "gate", "open", "policy", "--file", file, "--reason", "another rule"] as const;
  return proposalOf(await stage.alice.sure(line, 3));
}

/** Proposes that nothing moves for an hour, by the real time. */
export function freezeNow(stage: Stage): Promise<ProposalNamed> {
  const time = (s: number) => new Date((Math.floor(Date.now() / 1000) + s) * 1000).toISOString().replace(".000Z", "Z");
  const freeze = [{ kind: "exclude", from: time(-3600), to: time(3600), tz: "UTC" }];
  return changePolicy(stage, ({ defaults }) => ({ defaults: { ...(isData(defaults) ? defaults : {}), freeze } }));
}

/** A merge that is worth nothing, and why. */
export interface Vain {
  readonly commit: string;
  readonly condition: string;
  /** What verify says of it. */
  readonly says: RegExp;
  /** What everyone keeps; null for nothing. */
  readonly version: string | null;
}

/** A merge that moved nothing: readers say so, and a plain clone proves it. */
export async function expectNotHonoured(stage: Stage, { commit, condition, says, version }: Vain): Promise<void> {
  const listed = await stage.carol.sure(["dist", "channel", "list", "--app", "acme-notes"]);
  const channels = at(listed, "result", "channels");
  const rows: readonly unknown[] = Array.isArray(channels) ? channels : [];
  expect(rows.map((row) => at(row, "version") ?? null)).toEqual(version === null ? [] : [version]);
  expect(listed["warnings"]).toMatchObject([{ code: "gate.decision.dishonoured", data: { commit, condition } }]);
  const verified = await stage.carol.type("waybill", "state", "verify", "--server", await clone(stage), "--offline");
  expect(verified).toMatchObject({
    exit: 1,
    error: { code: "state.verify.violated" },
    result: { violations: [{ rule: "decision.conforming", commit, data: { condition } }] },
  });
  expect(at(verified, "error", "message")).toMatch(says);
}
