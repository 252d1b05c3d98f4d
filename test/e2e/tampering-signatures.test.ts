import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Data, isData } from "../../src/kernel/json.ts";
import { errorOf, expectFound, stableOf, verify, warningsOf } from "../support/tampering-checks.ts";
import { changeProposal, expectDishonoured, mergeByHand, POINTER as pointer } from "../support/tampering-steps.ts";
import { makeSecurityKey } from "../support/security-key.ts";
import { hasSshKeygen } from "../support/ssh-keygen.ts";
import { changePolicy, cloneOf, DECISIONS, makeTemplate, type Stage, stageFrom } from "../support/tampering-stage.ts";

const dishonoured = "gate.decision.dishonoured";

let template: Awaited<ReturnType<typeof makeTemplate>>;
beforeAll(async () => {
  template = await makeTemplate();
}, 120_000);
afterAll(() => template.remove());

/** Signs bytes with the key that the tool made for a person. */
function sign(stage: Stage, person: string, namespace: string, bytes: string): string {
  const key = stage.as(person).path("config", "waybill", "keys", person);
  const done = spawnSync("ssh-keygen", ["-Y", "sign", "-q", "-f", key, "-n", namespace], { input: bytes });
  if (done.status !== 0) throw new Error(done.stderr.toString());
  return done.stdout.toString();
}

function people(policy: Data): Data {
  const found = policy["people"];
  if (!isData(found)) throw new Error("no people");
  return found;
}

function textOf(value: Data[string] | undefined): string {
  if (typeof value !== "string") throw new Error("no text");
  return value;
}

describe.runIf(hasSshKeygen)("signatures made with ssh-keygen", () => {
  /** Adds a signature of the pointer to the proposal and merges it. */
  function signAndMerge(stage: Stage, person: string, namespace: string): string {
    const proposal = stage.proposal();
    changeProposal(stage, proposal, (clone) =>
      clone.edit(`${pointer}.sig`, (text) => text + sign(stage, person, namespace, clone.read(pointer))),
    );
    return mergeByHand(stage, proposal);
  }

  it("count when they are an approver's, so that the tests below fail for their own reason", async () => {
    const stage = stageFrom(template);
    signAndMerge(stage, "bob", "waybill-decision-v1");
    expect((await verify(stage, "bob"))["exit"]).toBe(0);
    const list = await stage.ask("bob", "dist", "channel", "list", "--app", "acme");
    expect(stableOf(list)["version"]).toBe("1.1.0");
  });

  it("are merged by the tool, and those of the tool are what ssh-keygen takes with the keys of policy", async () => {
    const stage = stageFrom(template);
    const proposal = stage.proposal();
    changeProposal(stage, proposal, (clone) =>
      clone.edit(`${pointer}.sig`, (text) => text + sign(stage, "bob", "waybill-decision-v1", clone.read(pointer))),
    );
    const again = await stage.sure("bob", "waybill", "gate", "approve", proposal);
    expect(again).toMatchObject({ created: false, person: "bob" });
    const merged = await stage.sure("alice", "waybill", "gate", "merge", proposal);
    expect(merged).toMatchObject({
      decision: { grade: "signed", approved_by: [{ person: "bob", method: "signature" }] },
    });

    const signers = await stage.sure("bob", "waybill", "gate", "allowed-signers");
    const path = (name: string) => join(stage.folder, name);
    writeFileSync(path("allowed"), textOf(signers["text"]));
    /** People whose signature of a file ssh-keygen finds good, in order of its blocks. */
    const goodFor = (at: string, namespace: string) => {
      const blocks = stage.git("show", `${at}.sig`).split(/(?<=-----END SSH SIGNATURE-----)\n/);
      return blocks.flatMap((block) => {
        writeFileSync(path("one.sig"), `${block}\n`);
        return ["alice", "bob"].filter((person) => {
          const argv = ["-Y", "verify", "-f", path("allowed"), "-I", person, "-n", namespace, "-s", path("one.sig")];
          return spawnSync("ssh-keygen", argv, { input: `${stage.git("show", at)}\n` }).status === 0;
        });
      });
    };
    const now = `${DECISIONS}:${pointer}`;
    expect([goodFor(now, "waybill-request-v1"), goodFor(now, "waybill-decision-v1")]).toEqual([["alice"], ["bob"]]);
    // The one before was signed by the tool; policy, which came before that, by the tool too.
    const before = `${DECISIONS}~1:${pointer}`;
    expect([goodFor(before, "waybill-request-v1"), goodFor(before, "waybill-decision-v1")]).toEqual([
      ["alice"],
      ["bob"],
    ]);
    expect(goodFor(now, "waybill-evidence-v1")).toEqual([]);
  });

  it.each(["ed25519", "ecdsa"] as const)(
    "count of a security key (%s) that was touched, and else not",
    async (kind) => {
      const stage = stageFrom(template);
      const key = makeSecurityKey(kind);
      await changePolicy(stage, "alice", (policy) => ({
        ...policy,
        people: { ...people(policy), bob: { keys: [key.publicKey] } },
      }));
      const proposal = stage.proposal();
      const signed = (flags: number) =>
        changeProposal(stage, proposal, (clone) =>
          clone.edit(
            `${pointer}.sig`,
            (text) => text + key.sign("waybill-decision-v1", Buffer.from(clone.read(pointer)), { flags }),
          ),
        );
      signed(0);
      expect(await stage.ask("alice", "waybill", "gate", "merge", proposal)).toMatchObject({ exit: 3 });
      signed(1);
      const merged = await stage.sure("alice", "waybill", "gate", "merge", proposal);
      expect(merged).toMatchObject({ decision: { approved_by: [{ person: "bob" }] } });
    },
  );

  it("do not count for the own request", async () => {
    const stage = stageFrom(template);
    const refused = await stage.ask("alice", "waybill", "gate", "approve", stage.proposal());
    expect([refused["exit"], errorOf(refused)["code"]]).toEqual([1, "gate.approve.refused"]);
    await expectDishonoured(stage, signAndMerge(stage, "alice", "waybill-decision-v1"), "self_approved");
  });

  it("do not count in another namespace", async () => {
    const stage = stageFrom(template);
    await expectDishonoured(stage, signAndMerge(stage, "bob", "file"), "approvals");
  });

  it("do not count of a stranger", async () => {
    const stage = stageFrom(template);
    await expectDishonoured(stage, signAndMerge(stage, "mallory", "waybill-decision-v1"), "approvals");
  });

  it("do not count of another file", async () => {
    const stage = stageFrom(template);
    const proposal = stage.proposal();
    changeProposal(stage, proposal, (clone) =>
      clone.edit(
        `${pointer}.sig`,
        (text) => text + sign(stage, "bob", "waybill-decision-v1", clone.read("policy.json")),
      ),
    );
    await expectDishonoured(stage, mergeByHand(stage, proposal), "approvals");
  });

  it("do not count of a person whom a pushed policy added, and neither does that policy", async () => {
    const stage = stageFrom(template);
    const key = readFileSync(join(stage.folder, "mallory.pub"), "utf8").split(" ").slice(0, 2).join(" ").trim();
    const policy = stage.push(DECISIONS, (clone) =>
      clone.edit("policy.json", (text) =>
        text.replace(/"bob": \{\s*"keys": \[\s*"[^"]*"/, (hit) => hit.replace(/"ssh-ed25519 [^"]*"/, `"${key}"`)),
      ),
    );
    const commit = signAndMerge(stage, "mallory", "waybill-decision-v1");
    await expectFound(
      stage,
      { rule: "decision.conforming", commit: policy, path: "policy.json", data: { condition: "shape" } },
      { rule: "decision.conforming", commit, path: pointer, data: { condition: "approvals" } },
    );
    const show = await stage.ask("bob", "dist", "channel", "show", "stable", "--app", "acme");
    expect(warningsOf(show)).toEqual([dishonoured, dishonoured]);
  });

  it("do not make true what a decision says of facts", async () => {
    const stage = stageFrom(template);
    const proposal = stage.proposal();
    const clone = cloneOf(stage, DECISIONS);
    const at = `origin/waybill/proposal/${proposal}`;
    const lie = `${clone.git("show", `${at}:${pointer}`)}\n`
      .replace(/"passed": 0/, '"passed": 1')
      .replace(/"skipped": 1/, '"skipped": 0')
      .replaceAll(proposal, "prop_000000000000");
    clone.write(pointer, lie);
    clone.write(`${pointer}.sig`, sign(stage, "alice", "waybill-request-v1", lie));
    clone.git("checkout", "--quiet", "-b", "lie");
    clone.git("add", "--all");
    clone.git("commit", "--quiet", "--message", "lie");
    clone.git("push", "--quiet", "origin", "HEAD:refs/heads/waybill/proposal/prop_000000000000");
    const refused = await stage.ask("bob", "waybill", "gate", "merge", "prop_000000000000");
    expect(JSON.stringify([refused["exit"], refused["error"]])).toMatch(/^\[1,.*gate\.merge\.refused.*seen/);
    clone.edit(`${pointer}.sig`, (text) => text + sign(stage, "bob", "waybill-decision-v1", lie));
    clone.git("add", "--all");
    clone.git("commit", "--quiet", "--message", "signed");
    clone.git("push", "--quiet", "origin", "HEAD:refs/heads/waybill/proposal/prop_000000000000");
    const commit = mergeByHand(stage, "prop_000000000000");
    await expectFound(stage, { rule: "decision.seen_false", commit, path: pointer });
  });
});
