import type { ByteSource } from "../kernel/byte-source.ts";
import type { ErrorCode } from "../kernel/error-catalogue.ts";
import type { Data } from "../kernel/json.ts";
import type { Check } from "./inspection.ts";

/** Where an inspector writes down what it sees. What was noted before a failure is kept. */
export interface Notes {
  /** Adds facts; members that are undefined are left out. */
  readonly facts: (facts: Readonly<Record<string, Data[string] | undefined>>) => void;
  readonly check: (id: string, status: Check["status"], message: string, detail?: Data) => void;
  /** Looks at one aspect: a problem becomes a failed check and the answer undefined, so that other aspects are still looked at. */
  readonly attempt: <T>(look: () => Promise<T> | T) => Promise<T | undefined>;
}

/** An inspection under way: what can be known without the whole content was noted when it was opened. */
export interface Reading {
  /**
   * Sees every byte of the file once and in order. The buffer is reused: what is needed later is copied, or the promise waits for it.
   * Throwing ends the reading.
   */
  readonly onBytes?: (bytes: Uint8Array, offset: number) => Promise<void> | void;
  /** Says the last word, after the last byte. */
  readonly finish: () => Promise<void> | void;
  /** Frees what is held; called always, also after a failure. */
  readonly close?: () => void;
}

/** A reader of one artifact format. It throws only `inspect.<format>.<problem>`; anything else it throws is made one. */
export interface Inspector<Id extends string = string> {
  /** The `kind` of its inspections. */
  readonly id: Id;
  readonly title: string;
  /** Raised when the same bytes begin to give other facts. */
  readonly version: number;
  /** True for a container that more specific formats are made of: it is asked after all others. */
  readonly container?: boolean;
  /** Codes of its failed checks, all of them provoked by its test. */
  readonly problems: readonly ErrorCode[];
  /** Judges by content, never by name: `head` holds the first bytes, at most 4,096. */
  readonly detect: (head: Uint8Array, file: ByteSource) => Promise<boolean> | boolean;
  readonly open: (file: ByteSource, notes: Notes) => Promise<Reading>;
}

/** Keeps the literal type of an inspector's id. */
export function defineInspector<const Id extends string>(inspector: Inspector<Id>): Inspector<Id> {
  return inspector;
}
