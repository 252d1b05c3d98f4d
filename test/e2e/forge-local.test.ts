import { copyFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { describeForge, type Person, type Place } from "../support/both-forges.ts";
import { machineOf } from "../support/sandbox.ts";

/** A bare repository on disk, where an approval is a signature. */
async function bareRepository(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), "waybill-local-"));
  const repository = { DIST_SERVER: join(folder, "repo.git"), DIST_LOCAL_STORE: join(folder, "store") };
  const machine = (name: string, more: Readonly<Record<string, string>> = {}) =>
    machineOf(folder, name, { ...repository, ...more });
  const people = { alice: machine("alice"), bob: machine("bob"), carol: machine("carol") };
  const robot = machine("robot", { GITHUB_ACTIONS: "true", GITHUB_RUN_ID: "4711", GITHUB_WORKFLOW: "nightly" });
  for (const person of ["alice", "bob"] as const) {
    await people[person].run("waybill", "keys", "new", person, "--no-passphrase");
    const keys = people[person].path("config", "waybill", "keys");
    const publicKey = readdirSync(keys).find((name) => name.endsWith(".pub"))!;
    copyFileSync(join(keys, publicKey), people.alice.path(`${person}.pub`));
  }
  const { alice } = people;
  expect(
    await alice.json("waybill", "init", repository.DIST_SERVER, "--approver", "alice", "--key", "alice.pub"),
  ).toMatchObject({
    ok: true,
  });
  const joins = await alice.json(
    "waybill",
    "gate",
    "open",
    "policy",
    "--add-approver",
    "bob=bob.pub",
    "--reason",
    "bob joins",
  );
  const id = /prop_\w+/.exec(JSON.stringify(joins))![0];
  const approve = async (person: Person, which: string) => {
    expect(await people[person].json("waybill", "gate", "approve", which)).toMatchObject({ ok: true });
  };
  await approve("alice", id);
  expect(await alice.json("waybill", "gate", "merge", id)).toMatchObject({ ok: true });
  return {
    as: (person) => people[person],
    robot,
    grade: "signed",
    approve: (person, proposal) => approve(person, proposal.id),
    address: repository.DIST_SERVER,
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

describeForge("on a bare repository", bareRepository);
