import { distributionDocuments } from "../../src/distribution/documents.ts";
import { gateDocuments } from "../../src/gate/documents.ts";
import { stateKinds } from "../../src/state/documents.ts";
import type { AnyKind } from "../../src/state/document-kind.ts";

/** Documents of every plane. */
export const documentKinds: readonly AnyKind[] = [...stateKinds, ...gateDocuments, ...distributionDocuments];
