import type { Account } from "../../ports/forge.ts";
import type { GithubClient } from "./client.ts";
import { accountOf } from "./forge-at.ts";
import { member } from "./member.ts";

/** Finds the account behind the token; null where GitHub does not say. A workflow's token may not ask `GET /user`, and may ask this. */
export async function viewer(client: GithubClient): Promise<Account | null> {
  const data = await client.graphql("query { viewer { databaseId login } }", {});
  const answered = member(data, "viewer");
  const [id, login] = [member(answered, "databaseId"), member(answered, "login")];
  if (typeof id !== "number" || typeof login !== "string") return null;
  return accountOf({ id, login, type: login.endsWith("[bot]") ? "Bot" : "User" });
}
