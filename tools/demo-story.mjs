// What the demo tells: two people, one app, real artifacts. Alice publishes and asks; Bob decides, by a signature or on GitHub by a review.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sampleArchives } from "./sample-ipa.mjs";
import { samples } from "./samples.mjs";

/** Tells the whole story on a stage of tools/demo.mjs. */
export async function story(stage) {
  const { apk, ipa, macZip } = await artifacts();
  await setUp(stage);
  register(stage);
  publish(stage, "1.0.0", { apk, ipa, macZip });
  await promote(stage, "1.0.0");
  publish(stage, "1.1.0", { apk, ipa, macZip: zipWithComment(macZip, "acme-notes 1.1.0") });
  await promote(stage, "1.1.0");
  await rollBack(stage);
  prove(stage);
  tamper(stage);
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

async function setUp(stage) {
  const { heading, tell, run, github } = stage;
  heading("A repository, and the people who may decide");
  if (github !== null) {
    tell(
      "acme/notes is on GitHub. Alice sets it up alone; Bob joins by a decision, the first of all: a pull request.\n",
    );
    run("alice", "waybill init --github --approver alice --apply", { says: ["acme/notes", "alice"] });
    run("alice", 'waybill gate open policy --add-approver bob=@bob --reason "Bob joins"', {
      exit: 3,
      says: "Proposed",
    });
    await decide(stage, "alice");
    return;
  }
  tell(
    "Alice and Bob have SSH keys that are made for this demo. Alice begins alone; Bob joins by a decision, the first of all.\n",
  );
  for (const person of ["alice", "bob"]) makeKey(stage, person);
  run("alice", "waybill init repo.git --approver alice --key alice.pub", { says: ["repo.git", "alice"] });
  run("alice", 'waybill gate open policy --add-approver bob=bob.pub --reason "Bob joins"', {
    exit: 3,
    says: "Proposed",
  });
  await decide(stage, "alice");
}

function makeKey({ run, folder }, person) {
  run(person, `waybill keys new ${person} --no-passphrase`, { says: "ssh-ed25519 ", only: /^Key/ });
  const keys = join(folder, ".home", person, "config", "waybill", "keys");
  copyFileSync(join(keys, `${person}.pub`), join(folder, `${person}.pub`));
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

async function promote(stage, version) {
  const { heading, run } = stage;
  heading(`Move ${version}: at once where policy says auto, by a signed decision where it says gated`);
  run("alice", `dist release promote acme-notes@${version} --channel nightly`, { says: "nightly" });
  run("alice", `dist release promote acme-notes@${version} --channel stable --reason "test plan done"`, {
    exit: 3,
    says: "Proposed",
  });
  await decide(stage, "bob", { inShort: version !== "1.0.0" });
  run("alice", `dist release promote acme-notes@${version} --channel stable`, {
    says: `${version}   is there already`,
  });
}

/** Somebody looks at the one open proposal, approves it and merges it; without approval it may not be merged. */
async function decide(stage, person, { inShort = false } = {}) {
  const { run, ask, expect, github } = stage;
  const { proposals } = ask(person, "waybill gate list");
  expect(proposals.length === 1, "one proposal is open");
  const { id, number, requested_by: asker } = proposals[0].proposal;
  if (github !== null) return decideOnGithub(stage, person, { number, isOwn: asker.name === person, inShort });
  if (!inShort) run(person, `waybill gate merge ${id}`, { exit: 3, says: "approvals", only: /waiting/ });
  run(person, `waybill gate approve ${id}`, { says: [id, "green"] });
  if (!inShort) run(person, `waybill gate show ${id}`, { says: "green" });
  run(person, `waybill gate merge ${id}`, { says: id });
}

/** The same where the proposal is a pull request: a review in the browser, and the merge from wherever people like. */
async function decideOnGithub({ run, tell, github }, person, { number, isOwn, inShort }) {
  if (!inShort) run(person, `waybill gate show ${number}`, { says: "approvals" });
  if (!isOwn) {
    tell(`${person} approves #${number} in the browser`);
    await github.browse(person, "POST", `pulls/${number}/reviews`, { event: "APPROVE" });
  }
  if (inShort) {
    tell(`${person} merges #${number} in the browser, and the workflow gate-sync does the rest`);
    await github.browse(person, "PUT", `pulls/${number}/merge`, { merge_method: "merge" });
    run("workflow", "waybill gate sync", { says: "Gate sync" });
    return;
  }
  run(person, `waybill gate merge ${number}`, { says: "in force" });
}

async function rollBack(stage) {
  const { heading, run, ask, expect } = stage;
  heading("Something is wrong with 1.1.0: look at what going back does, then go back");
  run("alice", "dist release rollback --app acme-notes --channel stable --preview", { says: ["1.1.0", "1.0.0"] });
  run("alice", 'dist release rollback --app acme-notes --channel stable --reason "notes are lost while syncing"', {
    exit: 3,
    says: "Proposed",
  });
  await decide(stage, "bob", { inShort: true });
  const { channels } = ask("alice", "dist channel list --app acme-notes");
  const stable = channels.find(({ name }) => name === "stable");
  expect(stable?.version === "1.0.0", "stable is back on 1.0.0");
}

function prove({ heading, tell, run, github }) {
  heading("Prove it: offline, from a plain clone, down to the bytes");
  run("bob", "waybill gate sync", { says: "Gate sync" });
  run("carol", `git clone --quiet ${addressOf(github)} clone`);
  tell("\nCarol was never asked for anything; she has a clone and checks all of it herself.\n");
  run("carol", "waybill state verify --server ./clone --offline", { says: "Verified" });
  run("carol", "dist artifact verify --all", { says: "Verified" });
}

/** Somebody who may push rewrites a published release, in a copy of the repository. */
function tamper({ heading, tell, run, folder, github }) {
  heading("Somebody who may push edits a published release by hand, in a copy of the repository");
  run("mallory", `git clone --quiet --bare ${addressOf(github)} tampered.git`);
  run("mallory", "git clone --quiet --branch waybill/state tampered.git .home/mallory/work");
  const release = "dist/apps/acme-notes/releases/1.0/1.0.0.json";
  const path = join(folder, ".home", "mallory", "work", release);
  writeFileSync(
    path,
    readFileSync(path, "utf8").replace(/"notes": (?:null|"[^"]*")/, '"notes": "now with a backdoor"'),
  );
  run("mallory", `git -C .home/mallory/work commit --quiet --all --message "fix typo"`);
  run("mallory", "git -C .home/mallory/work push --quiet");
  tell("");
  run("carol", "waybill state verify --server ./tampered.git", {
    exit: 1,
    says: ["Violated", "release.frozen", release],
  });
  rmSync(join(folder, "tampered.git"), { recursive: true });
}

/** Where a plain clone is made from. */
function addressOf(github) {
  return github === null ? "repo.git" : `${github.serverUrl}/acme/notes.git`;
}

function whatIsWhere({ heading, tell, run, github }) {
  heading("What is where");
  run("carol", "dist channel list --app acme-notes", { says: "stable" });
  run("carol", "dist release list --app acme-notes");
  run("carol", "dist audit --app acme-notes --limit 5");
  if (github === null) {
    tell("\nrepo.git    facts, decisions and their history: two branches of an ordinary repository");
    tell("store/      every artifact once, under its SHA-256");
  } else {
    tell(
      "\nacme/notes  facts, decisions and their history: two branches; every release is a release of GitHub with its assets",
    );
    tell("clone/      Carol's clone of it");
  }
  tell("artifacts/  what was built, with its dist.json");
}
