// When things happen in a made history, who does them, and how a commit says so.
import { createHash } from "node:crypto";
import { ALPHABET, event, id, timePart } from "../facts.mjs";

export const START = Date.parse("2022-01-01T00:00:00Z");
export const YEARS_MS = 4 * 365 * 86_400_000;
export const SCOPE = { tenant_id: "ten_bench00000001", repo_id: "repo_bench0000001" };

/** The workflow that publishes. */
export const CI = {
  id: "acme/notes/.github/workflows/release.yml",
  kind: "workflow",
  name: "release",
  verified: false,
};

/** Digest of a text. */
export const hex = (text) => createHash("sha256").update(text).digest("hex");

/** A moment as documents have it. */
export const timestamp = (ms) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** The next moment at which somebody does something. */
export function tick(world) {
  world.ticks += 1;
  return timestamp(START + world.ticks * world.stepMs);
}

/** A person as documents name one. */
export function actorOf({ name }) {
  return { id: `git:${name}`, kind: "human", name, verified: false };
}

/** Who asks next, and when. */
export const asked = (world) => ({
  at: timestamp(START + (world.ticks + 1) * world.stepMs),
  actor: actorOf(world.people[0]),
});

/** Time and id of an event that follows from a merge: every machine that derives it comes to the same. */
export function derivedFrom(proposal, action, at) {
  const digest = createHash("sha256").update(`${proposal}\n${action}`).digest().subarray(0, 10);
  const bits = [...digest].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const name = bits.match(/.{5}/g).map((five) => ALPHABET[Number.parseInt(five, 2)]);
  return { at, own: `aud_${timePart(Date.parse(at))}${name.join("")}` };
}

/** Who, when and the message of a commit, with the trailers of ours. */
export function commitOf(world, command, subject, seq, actor = CI, at = tick(world)) {
  const operation = `op_${id("x", `${command} ${at}`, 26).slice(2)}`;
  const request = `req_${operation.slice(3, 15)}`;
  const trailers = {
    ...{ "Waybill-Seq": seq, "Waybill-Operation": operation, "Waybill-Command": command },
    ...{ "Waybill-Actor": `${actor.kind}:${actor.id}`, "Waybill-Request": request },
  };
  const lines = Object.entries(trailers).map(([name, value]) => `${name}: ${value}`);
  return {
    ...{ at, request },
    who: `${actor.name} <${actor.name}@waybill.invalid>`,
    actor,
    message: `${subject}\n\n${lines.join("\n")}\n`,
  };
}

/** Puts one operation on the state branch: its files and its events. */
export async function commitFacts(world, command, subject, files, events, actor = CI, at = tick(world)) {
  const { request, ...commit } = commitOf(world, command, subject, world.seq + 1, actor, at);
  const told = events.map(([action, type, target, metadata, derived], n) =>
    event(SCOPE, derived?.at ?? at, n, action, type, target, metadata, { ...derived, by: actor, request }),
  );
  world.state = await world.out.commit("waybill/state", commit, { from: world.state, files: [...files, ...told] });
  world.seq += 1;
}
