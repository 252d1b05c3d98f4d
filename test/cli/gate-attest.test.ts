import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makeForgeWorld } from "../support/forge-world.ts";
import { runCli, runJson } from "../support/run-cli.ts";
import { ATTESTOR, makeSigstore } from "../support/sigstore.ts";
import { makeWorld } from "../support/world.ts";

it("prints what a workflow signs, records its bundle, and names it where the decision is shown", async () => {
  const sigstore = await makeSigstore();
  const forged = await makeForgeWorld({ defaults: { proof: "attested" }, attestors: ATTESTOR, roots: [sigstore.root] });
  const { proposal } = await forged.promote("1.0.0");
  await forged.github.review(1, forged.bob);
  await forged.github.mergeInUi(1, forged.alice);
  const made = makeWorld({ store: forged.store });
  const world = { ...made, ground: forged.ground };
  const run = (...words: string[]) => runCli(words, { world });
  const file = (name: string) => join(made.folder, name);

  const out = await run("gate", "evidence", "--out", file("evidence.json"));
  expect([out.exit, out.stderr]).toEqual([0, expect.stringContaining(`waybill gate attest ${proposal.id} --bundle`)]);
  const bytes = readFileSync(file("evidence.json"));
  expect((await run("gate", "evidence", proposal.id)).stdout).toBe(bytes.toString());

  const bundle = async (about: Uint8Array) => {
    await made.files.write(file("bundle.json"), Buffer.from(`${JSON.stringify(await sigstore.bundle(about))}\n`));
    return ["gate", "attest", proposal.id, "--bundle", file("bundle.json")];
  };
  const wrong = await runJson(await bundle(Buffer.from("other")), { world });
  expect([wrong.exit, wrong.error?.code]).toEqual([1, "gate.attest.refused"]);
  const recorded = await run(...(await bundle(bytes)));
  expect([recorded.exit, recorded.stdout]).toEqual([0, expect.stringMatching(/grade attested[^]* ci/)]);
  expect((await run(...(await bundle(bytes)))).stdout).toContain("Unchanged");
  expect((await run("gate", "show", proposal.id)).stdout).toMatch(/grade attested[^]* ci/);
  const none = await run("gate", "evidence", "--out", file("none.json"));
  expect([none.exit, none.stdout, none.stderr.trim()]).toEqual([0, "", "No merge waits for an attestor"]);
  expect(await made.files.stat(file("none.json"))).toBeNull();
});
