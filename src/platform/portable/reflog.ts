import { appendFile, mkdir } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { dirname, join } from "node:path";
import type { Oid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import { isThere } from "../git/file-ops.ts";
import { isOn, lastOf } from "./config.ts";
import type { PortableRepository } from "./repository.ts";

const NONE = "0".repeat(40);
/** Refs whose moves are written down where nothing else is set. Source: core.logAllRefUpdates of git-config(1). */
const LOGGED = /^refs\/(?:heads|remotes|notes)\//;

/** Writes down the move of a ref where git would: in a clone, where it is set, or where there is such a log already. */
export async function writeReflog(
  { commonDir, isBare, settings }: PortableRepository,
  ref: string,
  from: Oid | null,
  to: Oid,
): Promise<void> {
  const path = join(commonDir, "logs", ref);
  const set = lastOf(settings, "core.logallrefupdates");
  const isWanted = set === "always" || ((set === undefined ? !isBare : isOn(set)) && LOGGED.test(ref));
  if (!isWanted && !(await isThere(path))) return;
  await mkdir(dirname(path), { recursive: true });
  const seconds = Math.floor(Date.now() / 1000);
  await appendFile(path, `${from ?? NONE} ${to} ${identity(settings)} ${seconds} +0000\n`);
}

function identity(settings: PortableRepository["settings"]): string {
  const user = userInfo().username;
  const name = lastOf(settings, "user.name") ?? user;
  const email = lastOf(settings, "user.email") ?? `${user}@${hostname()}`;
  const plain = (text: string) => printable(text).replaceAll(/[<>]/g, "");
  return `${plain(name)} <${plain(email)}>`;
}
