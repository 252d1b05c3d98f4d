import type { SnapshotResultV1 } from "../../src/schema/types.gen.ts";
import type { Block } from "../screen.ts";
import { count, digest, shortCommit, sizeText, whenText, word } from "./cells.ts";

/** What people see of a snapshot that was built or published. */
export function snapshotBlocks(result: SnapshotResultV1, now: Date): readonly Block[] {
  const { facts, decisions, tables, problems, size_bytes, file, commit } = result;
  const tips = [
    `state ${shortCommit(facts.tip)} (${whenText(facts.at, now)})`,
    decisions === null ? "no decisions" : `decisions ${shortCommit(decisions.tip)} (${whenText(decisions.at, now)})`,
  ];
  return [
    { kind: "line", label: "Snapshot", parts: [sizeText(size_bytes), ...(file === null ? [] : [file])] },
    { kind: "line", label: "As of", parts: tips },
    ...(commit === null
      ? []
      : [{ kind: "line", label: "Published", parts: [`waybill/snapshot ${shortCommit(commit)}`] } as const]),
    ...(problems === 0
      ? []
      : [
          {
            kind: "line",
            label: "Left out",
            tone: "wait",
            parts: [`${problems} documents that are none; waybill state verify`],
          } as const,
        ]),
    {
      kind: "table",
      columns: [{ title: "TABLE" }, { title: "ROWS", align: "right" }, { title: "SHA-256" }],
      rows: tables.map(({ name, rows, sha256 }) => [word(name), count(rows), digest(sha256)]),
    },
  ];
}
