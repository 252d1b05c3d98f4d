import type { Oid } from "../kernel/oid.ts";

/** What lies beside the branches in a repository on disk and changes what people see of them with git, though not with Waybill. */
export interface Surroundings {
  /** Refs, by full name, that go by the short name of one of the branches that were asked for. */
  readonly namesakes: readonly { readonly ref: string; readonly branch: string; readonly tip: Oid | null }[];
  /** Objects in whose place git shows others. */
  readonly replaced: readonly string[];
  /** Files of the repository that hide or rewrite content, change parents, or lead to objects elsewhere; by their paths. */
  readonly files: readonly { readonly kind: "attributes" | "grafts" | "alternates"; readonly path: string }[];
}

/** Looks around the named branches. Null where there is no repository on disk to look into. */
export type LookAround = (branches: readonly string[]) => Promise<Surroundings | null>;
