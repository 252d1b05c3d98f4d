import type { ByteSource } from "../kernel/byte-source.ts";
import { printable } from "../kernel/text.ts";
import { noteInfo, readExecutable, readInfo, type AppInfo } from "./app-bundle.ts";
import { defineInspector, type Notes, type Reading } from "./inspector.ts";
import { ipaProblems } from "./ipa/problems.ts";
import { installMode, profileFact, profileFits, readProfile } from "./ipa/profile.ts";
import { openZip, type ZipArchive } from "./zip/archive.ts";
import { judgeLinks, noteArchive } from "./zip/judge.ts";
import { localHeaderWatch } from "./zip/local-header.ts";
import { readMember } from "./zip/member.ts";
import { peekNames } from "./zip/peek.ts";

const LARGEST_PROFILE = 4 << 20;
const APP = /^Payload\/([^/]+\.app)\//;
const WRAPPED_APP = /^[^/]+\/Payload\/[^/]+\.app\//;

/** Reads an iOS app archive: identity, versions, provisioning profile, processor types. */
export const ipa = defineInspector({
  id: "ipa",
  title: "iOS app archive",
  version: 1,
  problems: ipaProblems.codes,
  detect: async (_, file) => {
    for (const name of await peekNames(file)) if (name.startsWith("Payload/") || WRAPPED_APP.test(name)) return true;
    return false;
  },
  open: openIpa,
});

async function openIpa(file: ByteSource, notes: Notes): Promise<Reading> {
  const archive = await openZip(file);
  const app = appFolder(archive);
  await notes.attempt(async () => {
    const info = await readInfo(archive, `${app}Info.plist`, "iOS", ipaProblems);
    noteApp(info, notes);
    await notes.attempt(() => noteProfile(archive, app, info, notes));
    await notes.attempt(() => noteExecutable(archive, app, info, notes));
  });
  await judgeLinks(archive);
  noteArchive(archive, notes);
  if (archive.collision !== null) {
    const name = printable(archive.collision);
    throw ipaProblems.error("case_collision", `${name} replaces another file on a disk that ignores case`, { name });
  }
  return {
    onBytes: localHeaderWatch(archive.entries, archive.end.directoryOffset),
    finish: () => notes.check("ipa.archive", "passed", "Directory, names and headers agree"),
  };
}

/** Finds the one app; `__MACOSX` and other folders beside `Payload` are passed over, as devices do. */
function appFolder(archive: ZipArchive): string {
  const apps = new Set(archive.entries.flatMap((entry) => APP.exec(entry.name)?.[1] ?? []));
  const [app] = apps;
  if (apps.size > 1) throw ipaProblems.error("several_apps", `The archive holds ${apps.size} apps, allowed is one`);
  if (app !== undefined) return `Payload/${app}/`;
  if (archive.entries.some((entry) => WRAPPED_APP.test(entry.name))) {
    throw ipaProblems.error(
      "wrapped",
      "The folder Payload must be at the top of the archive, and lies in another folder",
    );
  }
  throw ipaProblems.error("no_app", "The folder Payload holds no app");
}

function noteApp(info: AppInfo, notes: Notes): void {
  noteInfo(info, notes);
  notes.facts({ simulator: info.isSimulator });
  notes.check("ipa.info", "passed", "Info.plist was read");
  if (info.isSimulator)
    notes.check("ipa.simulator", "warning", "This is a build for the simulator, which no device runs");
}

async function noteProfile(archive: ZipArchive, app: string, info: AppInfo, notes: Notes): Promise<void> {
  const entry = archive.byName.get(`${app}embedded.mobileprovision`);
  if (entry === undefined) {
    notes.facts({ profile: null, install_mode: installMode(null, info.isSimulator) });
    notes.check(
      "ipa.profile",
      "warning",
      "The app has no provisioning profile, so no device installs it outside the store",
    );
    return;
  }
  const profile = readProfile(await readMember(archive, entry, LARGEST_PROFILE));
  notes.facts({
    profile: profileFact(profile),
    install_mode: installMode(profile, info.isSimulator),
    expires_at: profile.expiresAt ?? undefined,
  });
  if (!profileFits(profile, info.bundleId)) {
    throw ipaProblems.error(
      "profile_mismatch",
      `The provisioning profile is for ${profile.applicationId}, not for ${info.bundleId}`,
    );
  }
  notes.check(
    "ipa.profile",
    "passed",
    `The provisioning profile is of the kind ${profile.kind}; its signature is not checked`,
  );
}

async function noteExecutable(archive: ZipArchive, app: string, info: AppInfo, notes: Notes): Promise<void> {
  const slices = await readExecutable(archive, app, info, notes, ipaProblems);
  const encrypted = slices.some((slice) => slice.encrypted);
  notes.facts({ encrypted, code_signature: slices.every((slice) => slice.signed) ? "present" : "unsigned" });
  notes.check("ipa.executable", "passed", "The headers of the executable were read");
  if (encrypted) {
    notes.check(
      "ipa.encrypted",
      "warning",
      "The executable is encrypted by the store and runs only where the store installed it",
    );
  }
}
