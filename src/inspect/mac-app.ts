import type { ByteSource } from "../kernel/byte-source.ts";
import { printable } from "../kernel/text.ts";
import { noteInfo, readExecutable, readInfo } from "./app-bundle.ts";
import { defineInspector, type Notes, type Reading } from "./inspector.ts";
import type { MachSlice } from "./mach-o.ts";
import { problemsOf } from "./problem.ts";
import { openZip, type ZipArchive } from "./zip/archive.ts";
import { judgeLinks, noteArchive } from "./zip/judge.ts";
import { localHeaderWatch } from "./zip/local-header.ts";
import { peekNames } from "./zip/peek.ts";

const problems = problemsOf(
  "mac_app",
  "bad_executable",
  "bad_identity",
  "case_collision",
  "executable_missing",
  "info_missing",
  "several_apps",
);

const APP = /^([^/]+\.app)\/Contents\//;

/** Reads a macOS app in a zip archive: identity, versions, processor types, whether it is signed and carries a notarization ticket. */
export const macApp = defineInspector({
  id: "mac_app",
  title: "macOS app in a zip archive",
  version: 1,
  problems: problems.codes,
  detect: async (_, file) => {
    for (const name of await peekNames(file)) if (APP.test(name)) return true;
    return false;
  },
  open: openMacApp,
});

async function openMacApp(file: ByteSource, notes: Notes): Promise<Reading> {
  const archive = await openZip(file);
  const contents = `${appFolder(archive)}/Contents/`;
  await notes.attempt(async () => {
    const info = await readInfo(archive, `${contents}Info.plist`, "macOS", problems);
    noteInfo(info, notes);
    notes.check("mac_app.info", "passed", "Info.plist was read");
    await notes.attempt(async () => {
      const slices = await readExecutable(archive, `${contents}MacOS/`, info, notes, problems);
      noteSignature(archive, contents, slices, notes);
    });
  });
  await judgeLinks(archive);
  noteArchive(archive, notes);
  if (archive.collision !== null) {
    const name = printable(archive.collision);
    throw problems.error("case_collision", `${name} replaces another file on a disk that ignores case`, { name });
  }
  return {
    onBytes: localHeaderWatch(archive.entries, archive.end.directoryOffset),
    finish: () => notes.check("mac_app.archive", "passed", "Directory, names and headers agree"),
  };
}

function appFolder(archive: ZipArchive): string {
  const apps = new Set(archive.entries.flatMap((entry) => APP.exec(entry.name)?.[1] ?? []));
  const [app] = apps;
  // Detection saw one, but by a name that may have been refused since.
  if (app === undefined) throw problems.error("info_missing", "The archive holds no app");
  if (apps.size > 1) throw problems.error("several_apps", `The archive holds ${apps.size} apps, allowed is one`);
  return app;
}

/** A signature is presence only: in the executable and as a list of sealed files; a stapled ticket lies beside it. */
function noteSignature(archive: ZipArchive, contents: string, slices: readonly MachSlice[], notes: Notes): void {
  const isSigned =
    slices.every((slice) => slice.signed) && archive.byName.has(`${contents}_CodeSignature/CodeResources`);
  const isStapled = isSigned && archive.byName.has(`${contents}CodeResources`);
  notes.facts({ code_signature: isStapled ? "stapled" : isSigned ? "present" : "unsigned" });
  if (isSigned)
    notes.check("mac_app.signature", "passed", "A code signature is there; it is not checked", { stapled: isStapled });
  else
    notes.check(
      "mac_app.signature",
      "warning",
      "The app is not signed, so macOS refuses to open it unless the user insists",
    );
}
