import { catalogue, type ErrorCode } from "../../../kernel/error-catalogue.ts";
import { ToolError } from "../../../kernel/errors.ts";
import { isData, type Json } from "../../../kernel/json.ts";
import { isOid } from "../../../kernel/oid.ts";
import type { Outcome } from "../store-parts.ts";
import { jsonOf } from "./request.ts";

/** Longest answer. */
export const ANSWER_BYTES = 4 * 1024 * 1024;
/** What a remote says to everybody; other failures may be of one request, or of who tried. */
const OF_THE_REMOTE = /^state\.(?:push|repository)\./;

/** What the leader says: an outcome, or that the writer is to try by itself, which tells it what is wrong, if anything is. */
export type Answer = Outcome | "alone";

/** Prints what came of a request. */
export function printAnswer(outcome: Outcome): Uint8Array {
  return Buffer.from(JSON.stringify(dataOf(outcome)));
}

function dataOf(outcome: Outcome): Json {
  if (!("failure" in outcome)) return "commit" in outcome ? { commit: outcome.commit } : { ...outcome };
  const { failure } = outcome;
  if (!(failure instanceof ToolError) || !OF_THE_REMOTE.test(failure.code)) return { alone: true };
  const { code, message, data, hints } = failure;
  return { code, message, data, hints };
}

/** Reads an answer; one that cannot be read sends the writer off alone. */
export function parseAnswer(bytes: Uint8Array | null): Answer {
  const value = bytes === null ? null : jsonOf(bytes);
  const { commit, moved, head, code, message, data, hints } = value ?? {};
  if (typeof commit === "string" && isOid(commit)) return { commit };
  if (isTexts(moved) && typeof head === "string" && isOid(head)) return { moved, head };
  if (typeof code === "string" && isOfTheRemote(code) && typeof message === "string" && isData(data) && isTexts(hints))
    return { failure: new ToolError(code, message, { data, hints }) };
  return "alone";
}

function isTexts(value: Json | undefined): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isOfTheRemote(code: string): code is ErrorCode & `state.${string}` {
  return OF_THE_REMOTE.test(code) && Object.hasOwn(catalogue, code);
}
