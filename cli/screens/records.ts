import type {
  AuditRow,
  DistAuditResultV1,
  DistTokenListResultV1,
  GrantedPowers,
  TokenListRow,
} from "../../src/schema/types.gen.ts";
import { when, word } from "../output/cells.ts";
import type { Block, Cell, Screen } from "../screen.ts";
import { asOfText, furtherPage, listCell, statusCell } from "./parts.ts";

/** The screen of `dist audit`: times are absolute, so that two screens can be compared. */
export function auditScreen(result: DistAuditResultV1, now: Date): Screen {
  const asOf = asOfText(result.as_of, now);
  if (result.events.length === 0) return { blocks: [], empty: "No such events", asOf };
  return {
    blocks: [
      {
        kind: "table",
        columns: [
          { title: "TIME" },
          { title: "ACTION" },
          { title: "TARGET" },
          { title: "ACTOR", free: true },
          { title: "EVENT" },
        ],
        rows: result.events.map((event) => [
          timeCell(event.created_at),
          word(event.action),
          word(event.target_id),
          actorCell(event),
          word(event.id, "dim"),
        ]),
      },
    ],
    asOf,
    next: furtherPage(result.next_cursor),
  };
}

function timeCell(at: string): Cell {
  return { show: `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`, raw: at };
}

/** An actor that nobody checked is never shown like one that was. */
function actorCell({ actor }: AuditRow): Cell {
  return word(`${actor.kind} ${actor.name}${actor.verified ? "" : " (self-declared)"}`);
}

/** The screen of `dist token list`. */
export function tokenListScreen(result: DistTokenListResultV1, now: Date): Screen {
  const asOf = asOfText(result.as_of, now);
  const granted = (result.granted ?? []).map(grantedLine);
  if (result.tokens.length === 0 && granted.length === 0)
    return { blocks: [], empty: "No tokens yet", asOf, next: ["dist token create --help"] };
  return {
    blocks: [...tokenTable(result, now), ...granted],
    asOf,
  };
}

function tokenTable({ tokens }: DistTokenListResultV1, now: Date): readonly Block[] {
  if (tokens.length === 0) return [];
  return [
    {
      kind: "table",
      columns: [
        { title: "NAME", free: true },
        { title: "PREFIX" },
        { title: "SCOPES", free: true },
        { title: "LIMITS", free: true },
        { title: "EXPIRES" },
        { title: "LAST USED" },
        { title: "STATE" },
        { title: "TOKEN" },
      ],
      rows: tokens.map((token) => tokenCells(token, now)),
    },
  ];
}

/** What no fact can grant, so it stands in no row of facts. */
function grantedLine({ token_id: id, person, scopes }: GrantedPowers): Block {
  const of = person === null ? [] : [`of ${person}`];
  return {
    kind: "line",
    label: "Granted",
    parts: [id, scopes.join(", "), ...of, "by config/principals.json"],
    wraps: true,
  };
}

function tokenCells(token: TokenListRow, now: Date): readonly Cell[] {
  return [
    word(token.name),
    { show: `dist_${token.token_prefix}…`, raw: token.token_prefix },
    listCell(token.scopes),
    word(limitsText(token)),
    when(token.expires_at, now),
    when(token.last_used_at, now),
    statusCell(token.state),
    word(token.id),
  ];
}

function limitsText({ apps, channels }: TokenListRow): string | null {
  const parts = [
    ...(apps === null ? [] : [`apps ${apps.join(" ")}`]),
    ...(channels === null ? [] : [`channels ${channels.join(" ")}`]),
  ];
  return parts.length === 0 ? null : parts.join(", ");
}
