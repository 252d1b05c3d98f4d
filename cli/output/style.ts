import type { Stream } from "../host.ts";
import type { Tone } from "../screen.ts";

/** How text is written to one stream. */
export interface Style {
  readonly isTerminal: boolean;
  /** People read it: tables are aligned. Else a program does: fields are raw and separated by tabs. */
  readonly forPeople: boolean;
  readonly columns: number;
  /** Puts a tone's colour around a text, or leaves it as it is. */
  readonly paint: (text: string, tone: Tone | undefined) => string;
  /** Replaces what this terminal cannot show. */
  readonly plain: (text: string) => string;
}

/** Columns that lists aim at where no terminal says otherwise. */
const AIM_COLUMNS = 100;

const codes: Readonly<Record<Tone, string>> = { plain: "", ok: "32", wait: "33", refuse: "31", dim: "2", strong: "1" };

const glyphs: ReadonlyMap<string, string> = new Map([
  ["✓", "ok"],
  ["→", "->"],
  ["…", "..."],
  ["━", "="],
  ["╸", "-"],
  ["·", "-"],
]);

/** Decides colour, glyphs and width of a stream from what the user and the environment say. */
export function styleOf(stream: Stream, env: ReadonlyMap<string, string>, noColor: boolean): Style {
  // A log that people read is no terminal; this gives it the layout of one.
  const wanted = Number(/^\d{1,4}$/.exec(env.get("WAYBILL_COLUMNS") ?? "")?.[0] ?? 0);
  const off = noColor || !stream.isTerminal || (env.get("NO_COLOR") ?? "") !== "" || env.get("TERM") === "dumb";
  const locale = ["LC_ALL", "LC_CTYPE", "LANG"].map((name) => env.get(name) ?? "").find((value) => value !== "");
  const utf8 = locale === undefined || /utf-?8/i.test(locale);
  return {
    isTerminal: stream.isTerminal,
    forPeople: stream.isTerminal || wanted > 0,
    columns: wanted || stream.columns || AIM_COLUMNS,
    paint: (text, tone = "plain") =>
      off || tone === "plain" || text === "" ? text : `\u001b[${codes[tone]}m${text}\u001b[0m`,
    plain: (text) => (utf8 ? text : text.replaceAll(/[✓→…━╸·]/g, (glyph) => glyphs.get(glyph) ?? glyph)),
  };
}
