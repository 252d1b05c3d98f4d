import { distributionDecisions } from "../../src/distribution/decisions.ts";
import { distributionDocuments } from "../../src/distribution/documents.ts";
import type { AnyDecisionKind } from "../../src/gate/decision-kind.ts";
import { gateDecisions } from "../../src/gate/decisions.ts";
import { gateDocuments } from "../../src/gate/documents.ts";
import { stateKinds } from "../../src/state/documents.ts";
import type { AnyKind } from "../../src/state/document-kind.ts";

/** Documents of every plane. */
export const documentKinds: readonly AnyKind[] = [...stateKinds, ...gateDocuments, ...distributionDocuments];

/** Decisions of every plane. */
export const decisionKinds: readonly AnyDecisionKind[] = [...gateDecisions, ...distributionDecisions];
