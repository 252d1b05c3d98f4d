import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from "@actions/workflow-parser";
import { describe, expect, it } from "vitest";
import { isData } from "../src/kernel/json.ts";
import { actionIn, data, namesIn, ourAction, read, stepsOf, text, yml } from "./support/yml.ts";

const templates = namesIn("templates/workflows").map((name) => `templates/workflows/${name}`);
const own = namesIn(".github/workflows").map((name) => `.github/workflows/${name}`);

async function problemsOf(file: string, content: string): Promise<readonly string[]> {
  const { context, value } = parseWorkflow({ name: file, content }, new NoOperationTraceWriter());
  const parsed = context.errors.getErrors().map(({ message }) => message);
  if (value === undefined) return [...parsed, "no workflow"];
  const template = await convertWorkflowTemplate(context, value);
  return [...parsed, ...(template.errors ?? []).map(({ Message }) => Message)];
}

describe.each([...own, ...templates])("%s", (file) => {
  const lines = read(file).split("\n");

  it("is what GitHub's own parser takes", async () => {
    expect(await problemsOf(file, read(file))).toEqual([]);
  });

  it("grants nothing but what each job says, and says why it writes", () => {
    expect(yml(file)["permissions"]).toEqual({});
    expect(lines.filter((line) => /: write\b/.test(line) && !/ # \S/.test(line))).toEqual([]);
  });

  it("pins every action by commit, with its version", () => {
    const uses = lines.filter((line) => /\buses: /.test(line));
    expect(uses.filter((line) => !/@[0-9a-f]{40} # v\d/.test(line))).toEqual([]);
  });

  it("keeps no credentials, and interpolates nothing into a script", () => {
    const keeps = stepsOf(file).filter(
      ({ uses, with: given }) => uses.startsWith("actions/checkout@") && given["persist-credentials"] !== false,
    );
    expect(keeps).toEqual([]);
    expect(stepsOf(file).filter(({ run }) => run.includes("${{"))).toEqual([]);
  });

  it("reads no output of an action that the action does not declare", () => {
    const ours = new Map(
      stepsOf(file).flatMap((step) => (ourAction(step) === null ? [] : [[step.id, ourAction(step)]])),
    );
    const wrong = [...read(file).matchAll(/steps\.([\w-]+)\.outputs\.([\w-]+)/g)].filter(([, id = "", output = ""]) => {
      const name = ours.get(id);
      return name !== undefined && !actionIn(`actions/${name}/action.yml`).outputs.has(output);
    });
    expect(wrong).toEqual([]);
  });
});

it("finds a workflow that GitHub would not take", async () => {
  const broken = read("templates/workflows/waybill-verify.yml").replace("runs-on:", "runs_on:");
  expect(await problemsOf("broken.yml", broken)).not.toEqual([]);
});

describe("reference workflows", () => {
  const used = templates.flatMap((file) => stepsOf(file).filter((step) => ourAction(step) !== null));

  it("are listed with where they go and what each is for", () => {
    const listed: unknown = JSON.parse(read("templates/workflows.json"));
    const rows = Array.isArray(listed) ? listed.map((row) => data(row)) : [];
    expect(rows.map(({ file }) => text(file)).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(templates);
    expect(rows.map(({ install }) => text(install))).toEqual(
      rows.map(({ file }) => text(file).replace("templates/", ".github/")),
    );
    expect(rows.filter(({ purpose }) => text(purpose) === "")).toEqual([]);
  });

  it("give our actions inputs that they have, and all that they need", () => {
    expect(used.length).toBeGreaterThan(5);
    for (const step of used) {
      const { inputs } = actionIn(`actions/${ourAction(step)}/action.yml`);
      const given = Object.keys(step.with);
      expect(given.filter((name) => !inputs.has(name))).toEqual([]);
      expect([...inputs].filter(([name, { required }]) => required && !given.includes(name))).toEqual([]);
    }
  });

  // Source: the README of github/codeql-action, "Workflow permissions".
  const uploading = ["actions: read", "security-events: write"];

  it("grant our actions what those ask for, and no more than what they found needs to be shown", () => {
    for (const step of used) {
      const { description } = actionIn(`actions/${ourAction(step)}/action.yml`);
      const asked = description.trim().replace(/\.$/, "").split("Permissions: ")[1]?.split(", ") ?? [];
      const isUploaded = step.job.uses.some((name) => name.startsWith("github/codeql-action/upload-sarif@"));
      expect(step.job.permissions.toSorted()).toEqual([...asked, ...(isUploaded ? uploading : [])].toSorted());
    }
  });

  it("run in no fork", () => {
    const guard = "github.repository_owner == 'your-organisation'";
    expect(templates.flatMap(stepsOf).filter(({ job }) => !job.if.includes(guard))).toEqual([]);
  });

  it("read a pull request as data: a workflow of its rights checks nothing out and runs nothing of it", () => {
    const privileged = templates.filter(
      (file) => isData(yml(file)["on"]) && "pull_request_target" in data(yml(file)["on"]),
    );
    expect(privileged).toEqual(["templates/workflows/waybill-gate-sync.yml"]);
    for (const file of privileged) {
      expect(data(data(yml(file)["on"])["pull_request_target"])["branches"]).toEqual(["waybill/decisions"]);
      expect(stepsOf(file).map(ourAction)).toEqual(["gate-sync"]);
      expect(stepsOf(file).map(({ run }) => run)).toEqual([""]);
    }
  });
});
