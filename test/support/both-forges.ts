import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { isData, type Data } from "../../src/kernel/json.ts";
import type { Sandbox } from "./sandbox.ts";

/** People of the stories. `bob` decides, `alice` asks, `carol` only looks. */
export type Person = "alice" | "bob" | "carol";

/** A place where Waybill is at work, with people who each have a machine of their own; the same for all forges. */
export interface Place {
  /** Runs programs as a person. */
  as(person: Person): Sandbox;
  /** Runs programs as a workflow of the repository, which nobody verified. */
  readonly robot: Sandbox;
  /** The least grade that policy asks for here. */
  readonly grade: "signed" | "recorded";
  /** Approves as people do here: by a signature, or by a review. */
  approve(person: Person, proposal: ProposalNamed): Promise<void>;
  /** Address that a plain `git clone` takes. */
  readonly address: string;
  close(): Promise<void>;
}

/** A proposal as results name it. */
export interface ProposalNamed {
  readonly id: string;
  readonly url: string | null;
}

/** The proposal of what a command answered. */
function proposalOf(answered: Data): ProposalNamed {
  const [id, url] = [at(answered, "result", "proposal", "id"), at(answered, "result", "proposal", "url")];
  if (typeof id !== "string") throw new Error(`no proposal: ${JSON.stringify(answered)}`);
  return { id, url: typeof url === "string" ? url : null };
}

/** Reads a member of an object by its path. */
function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((one, key) => (isData(one) ? one[key] : undefined), value);
}

/** Writes a release of one file and its manifest into a person's folder. */
function build(machine: Sandbox, version: string, channel: string | null = null): string {
  machine.write(`build/${version}/tool.bin`, `the tool, ${version}\n`);
  const artifacts = [{ platform: "linux", path: "tool.bin", variant: "x64" }];
  const manifest = { app: "acme-notes", version, artifacts, ...(channel === null ? {} : { channel }) };
  return machine.write(`build/${version}/dist.json`, JSON.stringify(manifest));
}

async function publish(place: Place, version: string, channel: string | null = null): Promise<Data> {
  const machine = place.as("alice");
  return machine.json("dist", "ci", "publish", "--manifest", build(machine, version, channel));
}

async function propose(place: Place, version: string, person: Person = "alice"): Promise<ProposalNamed> {
  const asked = await place
    .as(person)
    .json("dist", "release", "promote", `acme-notes@${version}`, "--channel", "stable", "--reason", "tested");
  expect(asked).toMatchObject({ exit: 3, error: { code: "gate.merge.waiting" } });
  return proposalOf(asked);
}

async function decide(place: Place, version: string): Promise<void> {
  const proposal = await propose(place, version);
  await place.approve("bob", proposal);
  expect(await place.as("bob").json("waybill", "gate", "merge", proposal.id)).toMatchObject({ ok: true });
}

async function stable(place: Place): Promise<unknown> {
  const shown = await place.as("carol").json("dist", "channel", "list", "--app", "acme-notes");
  const channels = at(shown, "result", "channels");
  const rows: readonly unknown[] = Array.isArray(channels) ? channels : [];
  return rows.find((one) => at(one, "name") === "stable");
}

/** Everything that the product promises, told once for all forges. */
export function describeForge(where: string, make: () => Promise<Place>): void {
  const told = (title: string, story: (place: Place) => Promise<void>) =>
    it(`${title}, and proves it`, async () => {
      const place = await make();
      try {
        await story(place);
        // Whatever happened, a plain clone proves it, by somebody whom nobody asked.
        const carol = place.as("carol");
        // Never waited for with this process, which may be the server.
        await promisify(execFile)("git", ["clone", "--quiet", place.address, "clone"], {
          cwd: carol.folder,
          env: carol.env,
        });
        const verified = await carol.json("waybill", "state", "verify", "--server", "./clone", "--offline");
        expect(verified).toMatchObject({ ok: true });
      } finally {
        await place.close();
      }
    }, 240_000);

  describe(`the same promises ${where}`, () => {
    told(
      "publishes a release, finds it unchanged, moves a channel at once and gives the same bytes back",
      async (place) => {
        expect(await publish(place, "1.0.0", "internal")).toMatchObject({
          ok: true,
          result: { outcome: "created", channels: [{ name: "internal", mode: "auto", status: "promoted" }] },
        });
        expect(await publish(place, "1.0.0", "internal")).toMatchObject({
          ok: true,
          result: { outcome: "unmodified", channels: [{ status: "unchanged" }] },
        });
        const carol = place.as("carol");
        const got = await carol.json(
          "dist",
          "download",
          "--app",
          "acme-notes",
          "--channel",
          "internal",
          "--platform",
          "linux",
          "--out",
          "got.bin",
        );
        expect(got).toMatchObject({ ok: true });
        expect(readFileSync(carol.path("got.bin"), "utf8")).toBe("the tool, 1.0.0\n");
        expect(await carol.json("dist", "artifact", "verify", "--all")).toMatchObject({ ok: true });
      },
    );

    told("refuses the same version with other bytes", async (place) => {
      expect(await publish(place, "1.0.0")).toMatchObject({ ok: true });
      const machine = place.as("alice");
      const manifest = build(machine, "1.0.0");
      machine.write("build/1.0.0/tool.bin", "something else\n");
      expect(await machine.json("dist", "ci", "publish", "--manifest", manifest)).toMatchObject({
        exit: 1,
        error: { code: "dist.release.already_published" },
      });
    });

    told("moves a gated channel by the merge of an approved proposal, and by nothing else", async (place) => {
      await publish(place, "1.0.0");
      const proposal = await propose(place, "1.0.0");
      const early = await place.as("alice").json("waybill", "gate", "merge", proposal.id);
      expect(early).toMatchObject({ exit: 3, error: { code: "gate.merge.waiting" } });
      expect((await propose(place, "1.0.0")).id).toBe(proposal.id);
      expect(at(await stable(place), "version") ?? null).toBeNull();
      await place.approve("bob", proposal);
      expect(await place.as("carol").json("waybill", "gate", "show", proposal.id)).toMatchObject({
        result: { verdict: { colour: "green" } },
      });
      expect(await place.as("bob").json("waybill", "gate", "merge", proposal.id)).toMatchObject({ ok: true });
      expect(await stable(place)).toMatchObject({ version: "1.0.0", grade: place.grade });
      const again = await place
        .as("alice")
        .json("dist", "release", "promote", "acme-notes@1.0.0", "--channel", "stable");
      expect(again).toMatchObject({ exit: 0, result: { status: "unchanged" } });
    });

    told("lets the first of two proposals win, and tells the other how to go on", async (place) => {
      await publish(place, "1.0.0");
      await publish(place, "1.1.0");
      const [first, second] = [await propose(place, "1.0.0"), await propose(place, "1.1.0")];
      await place.approve("bob", first);
      await place.approve("bob", second);
      expect(await place.as("bob").json("waybill", "gate", "merge", second.id)).toMatchObject({ ok: true });
      expect(await place.as("bob").json("waybill", "gate", "merge", first.id)).toMatchObject({ ok: false, exit: 1 });
      await place.robot.json("waybill", "gate", "sync");
      const audit = await place.as("carol").json("dist", "audit", "--app", "acme-notes");
      expect(JSON.stringify(at(audit, "result"))).toContain("promotion.superseded");
      expect(at(await stable(place), "version")).toBe("1.1.0");
      const left = await place.as("carol").json("waybill", "gate", "list");
      expect(at(left, "result", "proposals")).toEqual([]);
    });

    told("rolls back, holds automation, and lets a person go on", async (place) => {
      await publish(place, "1.0.0");
      await publish(place, "1.1.0");
      await decide(place, "1.0.0");
      await decide(place, "1.1.0");
      const alice = place.as("alice");
      const back = ["dist", "release", "rollback", "--app", "acme-notes", "--channel", "stable"] as const;
      expect(await alice.json(...back, "--preview")).toMatchObject({ ok: true, result: { to: { version: "1.0.0" } } });
      const asked = await alice.json(...back, "--reason", "notes are lost");
      expect(asked).toMatchObject({ exit: 3 });
      const proposal = proposalOf(asked);
      await place.approve("bob", proposal);
      expect(await place.as("bob").json("waybill", "gate", "merge", proposal.id)).toMatchObject({ ok: true });
      expect(await stable(place)).toMatchObject({ version: "1.0.0" });
      const robot = await place.robot.json("dist", "release", "promote", "acme-notes@1.1.0", "--channel", "stable");
      expect(robot).toMatchObject({ exit: 1 });
      await publish(place, "1.2.0");
      await decide(place, "1.2.0");
      expect(await stable(place)).toMatchObject({ version: "1.2.0", hold: null });
    });

    told("withdraws a release by a decision, and points nothing at it any more", async (place) => {
      await publish(place, "1.0.0");
      const asked = await place
        .as("alice")
        .json("dist", "release", "yank", "acme-notes@1.0.0", "--reason", "loses notes");
      const proposal = proposalOf(asked);
      await place.approve("bob", proposal);
      expect(await place.as("bob").json("waybill", "gate", "merge", proposal.id)).toMatchObject({ ok: true });
      const refused = await place
        .as("alice")
        .json("dist", "release", "promote", "acme-notes@1.0.0", "--channel", "stable");
      expect(refused).toMatchObject({ exit: 1, error: { code: "release.yanked" } });
    });

    told("rejects a proposal, which then moves nothing", async (place) => {
      await publish(place, "1.0.0");
      const proposal = await propose(place, "1.0.0");
      expect(await place.as("bob").json("waybill", "gate", "reject", proposal.id, "--reason", "not yet")).toMatchObject(
        { ok: true },
      );
      expect(await place.as("bob").json("waybill", "gate", "merge", proposal.id)).toMatchObject({ ok: false });
      expect(at(await stable(place), "version") ?? null).toBeNull();
      expect((await propose(place, "1.0.0")).id).not.toBe(proposal.id);
    });
  });
}
