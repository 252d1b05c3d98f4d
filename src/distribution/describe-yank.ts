import { isRefused, ToolError } from "../kernel/errors.ts";
import type { DescribeOn, Description, Line } from "../gate/page/description.ts";
import type { YankV1 } from "../schema/types.gen.ts";
import { referenceOf, versionText } from "./core/release-path.ts";
import { describeFiles } from "./describe-files.ts";
import { placesOf, publishedText, sourceLine } from "./describe-release.ts";
import { findRelease } from "./find-release.ts";
import { readPointed } from "./pointers.ts";

/** Describes the withdrawal of a release: where it still is, what people are told to use instead, and which files leave the pages. */
export async function describeYank(on: DescribeOn, yank: YankV1): Promise<Description> {
  const known = await readPointed(on.facts, { ...yank, channel: "the yank" });
  if (isRefused(known)) throw new ToolError(known.refused[0].code, known.refused[0].message);
  const { release } = known;
  const places = await placesOf(on, yank, null);
  return {
    label: "yank",
    effect: [
      "withdraws ",
      { strong: `${yank.app} ${versionText(yank)}` },
      ": it leaves feeds and pages, and keeps its bytes",
    ],
    pending: "changed",
    heads: [["Now"], ["After the merge"]],
    compared: [
      {
        name: "Release",
        now: [versionText(release), publishedText(release)],
        after: ["withdrawn, severity ", yank.severity],
      },
      { name: "Source", now: sourceLine(on, release, null), after: ["the same"] },
      { name: "Is on", now: places.line, after: [places.isAny ? "refused there: move these channels" : "-"] },
      { name: "Instead", now: ["-"], after: await replacementLine(on, yank) },
    ],
    needs: [],
    files: await describeFiles(on, known, null),
    notes: null,
    told: [{ title: "If it must be undone", text: "a withdrawal stays: publish the next version" }],
    more: [],
    commands: [
      {
        command: `dist release show ${referenceOf(yank.app, yank)} --server ${on.forge.name}`,
        does: "what is known of the release",
      },
    ],
  };
}

async function replacementLine({ facts }: DescribeOn, { app, replacement }: YankV1): Promise<Line> {
  if (replacement === null) return ["no other release is named"];
  const other = await findRelease(facts, replacement, app);
  return ["use ", isRefused(other) ? { code: replacement } : versionText(other.release)];
}
