import type { AnyDecisionKind } from "../../src/gate/decision-kind.ts";
import { stateKinds } from "../../src/state/documents.ts";
import type { AnyKind } from "../../src/state/document-kind.ts";

/** Documents of every plane. */
export const documentKinds: readonly AnyKind[] = [...stateKinds];

/** Decisions of every plane. */
export const decisionKinds: readonly AnyDecisionKind[] = [];
