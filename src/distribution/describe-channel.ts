import { isRefused, ToolError } from "../kernel/errors.ts";
import { absoluteText, msOf, timestamp } from "../kernel/time.ts";
import type { Span } from "../kernel/markdown.ts";
import { resolveChannel } from "../gate/core/requirement.ts";
import type { Compared, DescribeOn, Description, Line, Table } from "../gate/page/description.ts";
import type { ChannelPointerV1, FreezeWindow, ReleaseV1, RollbackConsequence } from "../schema/types.gen.ts";
import { rollbackConsequences } from "./core/consequences.ts";
import { referenceOf, versionText } from "./core/release-path.ts";
import { describeFiles } from "./describe-files.ts";
import { notesUrl, placesOf, publishedText, sourceLine } from "./describe-release.ts";
import { channelNow, type ChannelNow, readPointed, releaseAt } from "./pointers.ts";

/** Freeze windows that are named. */
const MAX_WINDOWS = 3;

/**
 * Describes a move of a channel: both releases, where the new one was tried, its files compared with those that the channel has, and
 * what it takes to go back. Throws where the facts that it names are not there.
 */
export async function describeChannel(on: DescribeOn, pointer: ChannelPointerV1): Promise<Description> {
  const known = await readPointed(on.facts, pointer);
  if (isRefused(known)) throw new ToolError(known.refused[0].code, known.refused[0].message);
  const now = await channelNow(on.facts, on.decisions, pointer.app, pointer.channel);
  const before = now.pointer;
  // What the channel has now may be damaged, and is not what is decided on.
  const left = before === null ? undefined : await releaseAt(on.facts, now.app, before.version, before.build);
  const moved: Moved = { pointer, now, release: known.release, left: left?.release ?? null };
  return {
    label: pointer.kind,
    effect: effectOf(moved),
    pending: "moved",
    heads: [["Now on ", { code: pointer.channel }], ["After the merge"]],
    compared: await comparedOf(on, moved),
    needs: needsOf(on, pointer),
    files: await describeFiles(on, known, moved.left),
    notes: known.release.notes === null ? null : { text: known.release.notes, url: notesUrl(on, known.release) },
    ...wayBack(moved),
    commands: [
      {
        command: `dist artifact verify --release ${referenceOf(pointer.app, pointer)} --server ${on.forge.name}`,
        does: "downloads and hashes every file again",
      },
      ...(pointer.kind === "rollback" ? [] : [rollbackCommand(on, pointer)]),
    ],
  };
}

/** A move with both its releases. */
interface Moved {
  readonly pointer: ChannelPointerV1;
  readonly now: ChannelNow;
  readonly release: ReleaseV1;
  /** What the channel has now; null where that is nothing, or cannot be read. */
  readonly left: ReleaseV1 | null;
}

function rollbackCommand({ forge }: DescribeOn, { app, channel }: ChannelPointerV1): Description["commands"][number] {
  const command = `dist release rollback --app ${app} --channel ${channel} --preview --server ${forge.name}`;
  return { command, does: "after the merge: what going back would do" };
}

function effectOf({ pointer, now }: Moved): Line {
  const where: Span = { strong: `${pointer.app} / ${pointer.channel}` };
  const to: Span = { strong: versionText(pointer) };
  const reach = pointer.rollout_percent === 100 ? [] : [` for ${pointer.rollout_percent} % of clients`];
  if (now.pointer === null) return ["points ", where, " at its first release, ", to, ...reach];
  const back = pointer.kind === "rollback" ? " back" : "";
  return ["moves ", where, `${back} from `, { strong: versionText(now.pointer) }, " to ", to, ...reach];
}

async function comparedOf(on: DescribeOn, moved: Moved): Promise<readonly Compared[]> {
  const { pointer, now, release, left } = moved;
  const was = now.pointer;
  const nothing: Line = ["nothing"];
  const since: Line = now.since === null ? ["-"] : [{ code: pointer.channel }, ` since ${absoluteText(now.since)}`];
  const reach = (of: ChannelPointerV1 | null): Line => (of === null ? ["-"] : [`${of.rollout_percent} % of clients`]);
  const places = await placesOf(on, pointer, pointer);
  const isWhole = pointer.rollout_percent === 100 && (was?.rollout_percent ?? 100) === 100;
  return [
    {
      name: "Release",
      now: was === null ? nothing : [versionText(was), publishedText(left)],
      after: [versionText(release), publishedText(release)],
    },
    {
      name: "Source",
      now: left === null ? ["-"] : sourceLine(on, left, null),
      after: sourceLine(on, release, pointer.kind === "rollback" ? null : left),
    },
    { name: "Is on", now: since, after: places.line },
    ...(isWhole ? [] : [{ name: "Reach", now: reach(was), after: reach(pointer) }]),
  ];
}

/** Soak and freeze, as policy asks them of a promotion now. */
function needsOf({ decisions }: DescribeOn, pointer: ChannelPointerV1): Description["needs"] {
  if (pointer.kind === "rollback") return [];
  const { soak, freeze } = resolveChannel(decisions.policy.document, pointer.app, pointer.channel);
  const source = pointer.seen?.source ?? null;
  const soaks = soak === null ? [] : [{ rule: "soak", text: soakText(soak, source) }];
  const windows = freeze.slice(0, MAX_WINDOWS).map(windowText);
  const more = freeze.length > MAX_WINDOWS ? ` and ${freeze.length - MAX_WINDOWS} more` : "";
  return windows.length === 0 ? soaks : [...soaks, { rule: null, text: `${windows.join(", ")}${more}` }];
}

function windowText({ kind, cron, minutes, from, to, tz }: FreezeWindow): string {
  const word = kind === "exclude" ? "not" : "only";
  const hours = (minutes ?? 0) / 60;
  const lasting = Number.isInteger(hours) ? `${hours} h` : `${minutes ?? 0} min`;
  if (cron !== undefined) return `${word} in the ${lasting} after ${cron} (cron, ${tz})`;
  return `${word} from ${absoluteText(from ?? "")} to ${absoluteText(to ?? "")}`;
}

function soakText(
  soak: { readonly source: string; readonly minutes: number },
  source: { readonly channel: string; readonly since: string } | null,
): string {
  if (source === null || source.channel !== soak.source) return `soak on ${soak.source}, where it is not yet`;
  const done = timestamp(new Date(msOf(source.since) + soak.minutes * 60_000));
  return `soak on ${soak.source} until ${absoluteText(done)}`;
}

/** What clients do when the channel goes back: now, where this is a rollback; else after it, to where the channel is now. */
function wayBack({ pointer, release, left }: Moved): Pick<Description, "told" | "more"> {
  if (left === null) return { told: [], more: [] };
  const isBack = pointer.kind === "rollback";
  const [from, to] = isBack ? [left, release] : [release, left];
  const rows = rollbackConsequences(from, to);
  const all = rows.map(({ platform, already_updated: stays, remedy }) => `${platform}: ${stays}, ${remedy}`);
  const undone = isBack ? `promote ${versionText(from)} again; that ends the hold, too` : all.join(" · ");
  const clients = { title: `Clients already on ${versionText(from)}`, text: all.join(" · ") };
  const undo = { title: "If it must be undone", text: undone };
  if (rows.length === 0) return { told: isBack ? [undo] : [], more: [] };
  return { told: isBack ? [clients, undo] : [undo], more: [clientTable(rows, from, isBack)] };
}

function clientTable(rows: readonly RollbackConsequence[], from: ReleaseV1, isBack: boolean): Table {
  const heads = ["Platform", "Feed", "New clients get", `Clients already on ${from.version}`, "To move those"];
  return {
    title: isBack ? "What this rollback does" : "What a rollback would do",
    columns: heads.map((title) => ({ title: [title] })),
    rows: rows.map((row) => [[row.platform], [row.feed], [row.new_clients_get], [row.already_updated], [row.remedy]]),
  };
}
