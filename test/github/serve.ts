// Runs the stand-in for GitHub as a process of its own, for the demo and for trying things by hand: prints one line of JSON with the
// environment of each person of `acme/notes`, and ends with its standard input.
import { once } from "node:events";
import { startAcme } from "./acme.ts";

const acme = await startAcme({ clock: () => new Date() });
const { github, code } = acme;
const people = Object.fromEntries(Object.entries(acme.tokens).map(([name, token]) => [name, acme.env(token)]));
process.stdout.write(`${JSON.stringify({ apiUrl: github.apiUrl, serverUrl: github.serverUrl, code, people })}\n`);
process.stdin.resume();
await once(process.stdin, "end");
await github.stop();
