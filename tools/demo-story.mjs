// What the demo tells: two people, one app, real artifacts. Alice publishes and asks; Bob's signature decides.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sampleArchives } from "./sample-ipa.mjs";
import { samples } from "./samples.mjs";

/** Tells the whole story on a stage of tools/demo.mjs. */
export async function story(stage) {
  const { apk, ipa, macZip } = await artifacts();
  setUp(stage);
  register(stage);
  publish(stage, "1.0.0", { apk, ipa, macZip });
  promote(stage, "1.0.0");
  publish(stage, "1.1.0", { apk, ipa, macZip: zipWithComment(macZip, "acme-notes 1.1.0") });
  promote(stage, "1.1.0");
  rollBack(stage);
  prove(stage);
  whatIsWhere(stage);
}

async function artifacts() {
  const packages = samples(["settings.apk"]);
  const archives = await sampleArchives(["detox-runner.ipa", "terminal-notifier.zip"]);
  return {
    apk: readFileSync(packages["settings.apk"]),
    ipa: readFileSync(archives["detox-runner.ipa"]),
    macZip: readFileSync(archives["terminal-notifier.zip"]),
  };
}

/** The same archive with a comment: other bytes, as a new build would give. */
function zipWithComment(zip, comment) {
  const text = Buffer.from(comment);
  const length = Buffer.alloc(2);
  length.writeUInt16LE(text.length);
  // The end record of a zip without a comment closes with a comment length of 0.
  return Buffer.concat([zip.subarray(0, -2), length, text]);
}

function setUp({ heading, tell, run, folder }) {
  heading("A repository, and a person who may decide");
  tell("Alice builds and publishes. Bob decides what goes to users, with an SSH key that is made for this demo.\n");
  run("bob", "waybill keys new bob --no-passphrase", { says: "ssh-ed25519 " });
  copyFileSync(join(folder, ".home", "bob", "config", "waybill", "keys", "bob.pub"), join(folder, "bob.pub"));
  run("alice", "waybill init repo.git --approver bob --key bob.pub", { says: ["repo.git", "bob"] });
}

function register({ heading, tell, run }) {
  heading("An app, with the identities that its files must have");
  run(
    "alice",
    'dist app create acme-notes --name "Acme Notes" --bundle-id android_apk=io.appium.settings --bundle-id ios=com.wix.DetoxXCUITestRunnerApp --bundle-id macos=nl.superalloy.oss.terminal-notifier',
    {
      says: "acme-notes",
    },
  );
}

function publish({ heading, tell, run, ask, expect, folder }, version, files) {
  heading(`Publish ${version}: an Android package, an iOS archive and a Mac archive`);
  const build = join(folder, "artifacts", version);
  mkdirSync(build, { recursive: true });
  writeFileSync(join(build, "acme-notes.apk"), files.apk);
  writeFileSync(join(build, "AcmeNotes.ipa"), files.ipa);
  writeFileSync(join(build, "AcmeNotes-mac.zip"), files.macZip);
  const names = ["acme-notes.apk", "AcmeNotes.ipa", "AcmeNotes-mac.zip"].map((name) => `artifacts/${version}/${name}`);
  const manifest = `artifacts/${version}/dist.json`;
  run(
    "alice",
    `dist manifest init ${names.join(" ")} --app acme-notes --version ${version} --channel internal --out ${manifest}`,
  );
  run("alice", `dist ci publish --manifest ${manifest}`, { says: [`acme-notes ${version}`, "internal"] });
  tell("\nRunning it again changes nothing:");
  run("alice", `dist ci publish --manifest ${manifest}`, { says: "Unchanged", only: /^(?:Unchanged|Channel)/ });
  const { artifacts } = ask("alice", `dist release show acme-notes@${version}`);
  expect(artifacts.length === 3, `${version} has 3 artifacts`);
}

function promote({ heading, tell, run, ask, expect }, version) {
  heading(`Move ${version}: at once where policy says auto, by a signed decision where it says gated`);
  run("alice", `dist release promote acme-notes@${version} --channel nightly`, { says: "nightly" });
  run("alice", `dist release promote acme-notes@${version} --channel stable --reason "test plan done"`, {
    exit: 3,
    says: "Proposed",
  });
  decide({ run, ask, expect, tell });
  run("alice", `dist release promote acme-notes@${version} --channel stable`, { says: version });
}

/** Bob looks at the one open proposal, signs it and merges it. */
function decide({ run, ask, expect, tell }) {
  const { proposals } = ask("bob", "waybill gate list");
  expect(proposals.length === 1, "one proposal is open");
  const { id } = proposals[0].proposal;
  run("bob", `waybill gate merge ${id}`, { exit: 3, says: "approvals" });
  run("bob", `waybill gate approve ${id}`, { says: id });
  run("bob", `waybill gate show ${id}`, { says: "green" });
  run("bob", `waybill gate merge ${id}`, { says: id });
  tell("");
}

function rollBack({ heading, run, ask, expect, tell }) {
  heading("Something is wrong with 1.1.0: look at what going back does, then go back");
  run("alice", "dist release rollback --app acme-notes --channel stable --preview", { says: ["1.1.0", "1.0.0"] });
  run("alice", 'dist release rollback --app acme-notes --channel stable --reason "notes are lost while syncing"', {
    exit: 3,
    says: "Proposed",
  });
  decide({ run, ask, expect, tell });
  const { channels } = ask("alice", "dist channel list --app acme-notes");
  const stable = channels.find(({ name }) => name === "stable");
  expect(stable?.version === "1.0.0", "stable is back on 1.0.0");
}

function prove({ heading, tell, run }) {
  heading("Prove it: offline, from a plain clone, down to the bytes");
  run("bob", "waybill gate sync");
  run("carol", "git clone --quiet repo.git clone");
  tell("Carol was never asked for anything; she has a clone and checks all of it herself.\n");
  run("carol", "waybill state verify --server ./clone --offline", { says: "Verified" });
  run("carol", "dist artifact verify --all", { says: "verified" });
}

function whatIsWhere({ heading, tell, run }) {
  heading("What is where");
  run("carol", "dist channel list --app acme-notes", { says: "stable" });
  run("carol", "dist release list --app acme-notes");
  run("carol", "dist audit --app acme-notes --limit 5");
  tell("\nrepo.git    facts, decisions and their history: two branches of an ordinary repository");
  tell("store/      every artifact once, under its SHA-256");
  tell("artifacts/  what was built, with its dist.json");
}
