import { describe, expect, it } from "vitest";
import { secretsOf } from "../../../cli/compose/secrets.ts";

describe("secretsOf", () => {
  it("answers the values of tokens, keys and passwords, given or of the environment, once each, and what git sends of them", () => {
    const env = new Map([
      ["DIST_TOKEN", "dist-secret"],
      ["GITHUB_TOKEN", "same"],
      ["GH_TOKEN", "same"],
      ["AWS_SECRET_ACCESS_KEY", "aws-secret"],
      ["DIST_SERVER", "acme/notes"],
      ["NPM_TOKEN", ""],
    ]);
    const header = Buffer.from("x-access-token:same").toString("base64");
    expect(secretsOf({ token: "given" }, env)).toEqual(["given", "dist-secret", "same", "aws-secret", header]);
  });

  it("takes neither the path of a key nor a switch of an action for a secret, so that no log hides the word true", () => {
    const env = new Map([
      ["WAYBILL_KEY", "/home/alice/.ssh/id_ed25519"],
      ["WAYBILL_IS_WORKFLOW_TOKEN", "true"],
    ]);
    expect(secretsOf({}, env)).toEqual([]);
  });
});
