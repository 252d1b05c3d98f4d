// Cuts GitHub's own descriptions of its APIs to what Waybill uses, for the stand-in that the tests talk to: run by hand, with network,
// `node tools/refresh-github.mjs`, and commit what it writes. A new operation or field is one line below.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { Kind, parse, print } from "graphql";
import { fetchPackage, fileInTar } from "./samples.mjs";

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "test", "github", "description");

const OPENAPI = {
  from: "@octokit/openapi@23.0.2",
  integrity: "sha512-pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg==",
};
const GRAPHQL = {
  from: "@octokit/graphql-schema@15.26.1",
  integrity: "sha512-RFDC2MpRBd4AxSRvUeBIVeBU7ojN/SxDfALUd7iVYOSeEK3gZaqR2MGOysj4Zh2xj2RY5fQAUT+Oqq7hWTraMA==",
};

/** Operations of the REST API by `operationId`. */
const OPERATIONS = `
rate-limit/get
users/get-authenticated users/get-by-id users/get-by-username orgs/get
repos/get repos/update repos/list-branches repos/get-branch repos/get-branch-protection repos/list-commits repos/get-commit
repos/compare-commits-with-basehead repos/list-tags
repos/get-content repos/create-or-update-file-contents repos/delete-file
repos/list-collaborators repos/check-collaborator repos/get-collaborator-permission-level
repos/codeowners-errors repos/get-pages repos/get-latest-pages-build repos/list-attestations repos/create-dispatch-event
repos/check-immutable-releases repos/enable-immutable-releases repos/disable-immutable-releases
repos/list-releases repos/create-release repos/get-release repos/update-release repos/delete-release
repos/get-release-by-tag repos/get-latest-release
repos/list-release-assets repos/upload-release-asset repos/get-release-asset repos/update-release-asset repos/delete-release-asset
repos/create-commit-status repos/list-commit-statuses-for-ref repos/get-combined-status-for-ref
repos/list-pull-requests-associated-with-commit
repos/get-repo-rulesets repos/create-repo-ruleset repos/get-repo-ruleset repos/update-repo-ruleset repos/delete-repo-ruleset
repos/get-branch-rules
git/get-ref git/list-matching-refs git/create-ref git/update-ref git/delete-ref git/get-blob git/create-blob
git/get-tree git/create-tree git/get-commit git/create-commit git/get-tag git/create-tag
pulls/list pulls/create pulls/get pulls/update pulls/list-commits pulls/list-files pulls/check-if-merged pulls/merge
pulls/list-reviews pulls/create-review pulls/get-review pulls/submit-review pulls/dismiss-review
pulls/list-requested-reviewers pulls/request-reviewers pulls/remove-requested-reviewers pulls/update-branch
issues/list-for-repo issues/create issues/get issues/update issues/list-comments issues/create-comment issues/get-comment
issues/update-comment issues/delete-comment issues/list-events issues/list-events-for-timeline
issues/list-labels-for-repo issues/create-label issues/get-label issues/list-labels-on-issue issues/add-labels
issues/set-labels issues/remove-label
actions/get-workflow-run actions/get-workflow-run-attempt actions/list-workflow-runs actions/list-repo-workflows
actions/get-workflow actions/create-workflow-dispatch actions/get-github-actions-permissions-repository
actions/get-github-actions-default-workflow-permissions-repository
actions/set-github-actions-default-workflow-permissions-repository
checks/list-for-ref
`;

/** Types of GraphQL with the fields that are kept; what arguments need comes along. */
const TYPES = {
  Query: "id node rateLimit repository viewer",
  Mutation: "createCommitOnBranch createRef deleteRef updateRef updateRefs",
  Node: "id",
  RateLimit: "cost limit nodeCount remaining resetAt used",
  Actor: "login",
  User: "databaseId id login",
  Repository: "databaseId defaultBranchRef id isFork isPrivate name nameWithOwner object ref refs",
  Ref: "id name prefix repository target",
  RefConnection: "nodes pageInfo totalCount",
  PageInfo: "endCursor hasNextPage hasPreviousPage startCursor",
  GitObject: "abbreviatedOid id oid repository",
  Blob: "abbreviatedOid byteSize id isBinary isTruncated oid repository text",
  Tree: "abbreviatedOid entries id oid repository",
  TreeEntry: "mode name nameRaw object oid path size type",
  Tag: "abbreviatedOid id message name oid repository tagger target",
  Commit:
    "abbreviatedOid author authoredDate committedDate committer file history id message messageBody messageHeadline oid parents repository signature tree",
  CommitConnection: "nodes pageInfo totalCount",
  CommitHistoryConnection: "nodes pageInfo totalCount",
  GitActor: "date email name user",
  GitSignature: "email isValid payload signature state wasSignedByGitHub",
  GpgSignature: "email isValid payload signature state wasSignedByGitHub keyId",
  CreateCommitOnBranchPayload: "clientMutationId commit ref",
  CreateRefPayload: "clientMutationId ref",
  DeleteRefPayload: "clientMutationId",
  UpdateRefPayload: "clientMutationId ref",
  UpdateRefsPayload: "clientMutationId",
};

/** Keys that are for people. */
const PROSE = new Set([
  "description",
  "example",
  "examples",
  "externalDocs",
  "summary",
  "title",
  "deprecated",
  "default",
  "x-github-breaking-changes",
]);

mkdirSync(folder, { recursive: true });
write("github-openapi.json", cutOpenapi(fetched(OPENAPI, "package/generated/api.github.com.json")));
write("github-graphql.graphql", cutGraphql(fetched(GRAPHQL, "package/schema.graphql")));
write(
  "LICENSES.txt",
  [
    `github-openapi.json is cut from ${OPENAPI.from}, github-graphql.graphql from ${GRAPHQL.from}, both under this license:`,
    fetched(OPENAPI, "package/LICENSE").trim(),
    fetched(GRAPHQL, "package/LICENSE.md").trim(),
    "",
  ].join("\n\n"),
);

function fetched(from, file) {
  return fileInTar(gunzipSync(fetchPackage(from), { maxOutputLength: 2 ** 30 }), file).toString("utf8");
}

function write(name, text) {
  writeFileSync(join(folder, name), text);
  process.stderr.write(`${name}: ${Math.ceil(text.length / 1024)} KB\n`);
}

function cutOpenapi(text) {
  const whole = JSON.parse(text);
  const wanted = new Set(OPERATIONS.trim().split(/\s+/));
  const kept = {
    openapi: whole.openapi,
    info: { title: "GitHub", version: whole.info.version, license: whole.info.license },
  };
  const components = {};
  const paths = {};
  for (const [path, item] of Object.entries(whole.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      if (!wanted.delete(operation?.operationId)) continue;
      const { operationId, parameters, requestBody, responses, servers } = operation;
      paths[path] ??= {};
      paths[path][method] = follow(
        whole,
        components,
        plain({ operationId, servers, parameters, requestBody, responses }),
      );
    }
  }
  if (wanted.size > 0) throw new Error(`GitHub describes no ${[...wanted].join(", ")}`);
  // What GitHub answers without describing it: an upload that broke off leaves an asset in this state.
  components.schemas["release-asset"].properties.state.enum.push("starter");
  return `${lines({ ...kept, paths, components })}\n`;
}

/** Brings along what a value refers to, and what that refers to. */
function follow(whole, components, value) {
  for (const [, kind, name] of JSON.stringify(value).matchAll(/"\$ref":"#\/components\/(\w+)\/([^"]+)"/g)) {
    components[kind] ??= {};
    if (name in components[kind]) continue;
    components[kind][name] = plain(whole.components[kind][name]);
    follow(whole, components, components[kind][name]);
  }
  return value;
}

/** Without prose; the keys of `properties` are names, whatever they are called. */
function plain(value, isNames = false) {
  if (Array.isArray(value)) return value.map((each) => plain(each));
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key, each]) => each !== undefined && (isNames || !PROSE.has(key)));
  return Object.fromEntries(kept.map(([key, each]) => [key, plain(each, !isNames && key === "properties")]));
}

/** JSON with one line for each path and each component, so that a refresh can be read as a diff. */
function lines(value, depth = 0) {
  if (depth === 3 || typeof value !== "object" || value === null || Array.isArray(value)) return JSON.stringify(value);
  const rows = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, each]) => `${"  ".repeat(depth + 1)}${JSON.stringify(key)}: ${lines(each, depth + 1)}`);
  return rows.length === 0 ? "{}" : `{\n${rows.join(",\n")}\n${"  ".repeat(depth)}}`;
}

function cutGraphql(text) {
  const byName = new Map(
    parse(text)
      .definitions.filter((each) => each.name)
      .map((each) => [each.name.value, each]),
  );
  const kept = new Map();
  for (const [name, fields] of Object.entries(TYPES)) {
    const type = byName.get(name);
    if (type === undefined) throw new Error(`GitHub has no type ${name}`);
    const wanted = new Set(fields.split(" "));
    const found = type.fields.filter((field) => wanted.delete(field.name.value));
    if (wanted.size > 0) throw new Error(`${name} has no ${[...wanted].join(", ")}`);
    const interfaces = type.interfaces?.filter((each) => each.name.value in TYPES);
    kept.set(name, { ...type, fields: found, ...(interfaces === undefined ? {} : { interfaces }) });
  }
  for (const type of [...kept.values()]) needed(type, byName, kept);
  const sorted = [...kept.values()].sort((a, b) => (a.name.value < b.name.value ? -1 : 1));
  return `${print({ kind: Kind.DOCUMENT, definitions: sorted.map(bare) })}\n`;
}

/** Brings along inputs, enums and scalars; a result of a type that is not listed is a mistake of the list. */
function needed(type, byName, kept) {
  for (const field of type.fields ?? []) {
    for (const used of [field.type, ...(field.arguments ?? []).map((each) => each.type)]) {
      const name = nameOf(used);
      if (kept.has(name) || /^(?:Int|String|Boolean|Float|ID)$/.test(name)) continue;
      const found = byName.get(name);
      if (found.kind === Kind.OBJECT_TYPE_DEFINITION || found.kind === Kind.INTERFACE_TYPE_DEFINITION) {
        throw new Error(`${type.name.value}.${field.name.value} needs the type ${name}`);
      }
      kept.set(name, found);
      needed(found, byName, kept);
    }
  }
}

function nameOf(type) {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type.type);
}

/** Without descriptions and GitHub's own directives, which nothing here declares. */
function bare(node) {
  if (Array.isArray(node)) return node.map(bare);
  if (typeof node !== "object" || node === null || node instanceof Function) return node;
  const own = Object.entries(node).filter(([key]) => key !== "description" && key !== "loc");
  return Object.fromEntries(
    own.map(([key, each]) => [
      key,
      key === "directives" ? each.filter(({ name }) => name.value === "deprecated").map(bare) : bare(each),
    ]),
  );
}
