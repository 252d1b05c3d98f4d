import { describe, expect, it } from "vitest";
import { pushResult } from "../../../../src/platform/git/push-result.ts";
import { withoutSecret } from "../../../../src/kernel/text.ts";
import { remoteError } from "../../../../src/platform/git/remote-errors.ts";

const REF = "refs/heads/waybill/state";
const URL = "https://git.example.invalid/x.git";
const result = (line: string, stderr = "") => ({
  status: 1,
  stdout: Buffer.from(`To ${URL}\n${line}\nDone\n`),
  stderr,
});

describe("reading the result of a push", () => {
  it.each([" ", "+", "*", "-", "="])("takes the flag %j for a move", (flag) => {
    expect(pushResult(result(`${flag}\tabc:${REF}\tabc..def`), REF, URL)).toBe("swapped");
  });

  it.each(["[rejected] (stale info)", "[rejected] (fetch first)", "[remote rejected] (failed to update ref)"])(
    "takes %j for a branch that is elsewhere",
    (summary) => {
      expect(pushResult(result(`!\tabc:${REF}\t${summary}`), REF, URL)).toBe("lost");
    },
  );

  it.each([
    ["protected branch hook declined", "", "state.push.protected"],
    ["non-fast-forward", "", "state.push.protected"],
    ["unpacker error", "remote: fatal: No space left on device", "file.no_space"],
    ["unpacker error", "remote: error: insufficient permission for adding an object", "file.not_permitted"],
  ])("throws for %j %j", (reason, stderr, code) => {
    const refused = result(`!\tabc:${REF}\t[remote rejected] (${reason})`, stderr);
    expect(() => pushResult(refused, REF, URL)).toThrowError(expect.objectContaining({ code }));
  });

  it("does not know what became of a push without an answer, or of another branch's", () => {
    for (const line of [
      "",
      `*\tabc:${REF}2\t[new branch]`,
      `!\tabc:${REF}\t[remote failure] (remote failed to report status)`,
    ]) {
      expect(pushResult(result(line, "fatal: the remote end hung up unexpectedly"), REF, URL)).toMatchObject({
        unanswered: { code: "state.push.network" },
      });
    }
  });

  it("cannot be made to print control characters by a server", () => {
    const refused = result(`!\tabc:${REF}\t[remote rejected] (\u001b[2J no)`, "remote: \u001b[31mred\u202e");
    expect(() => pushResult(refused, REF, URL)).toThrowError(
      expect.objectContaining({ message: "The remote does not let this user move waybill/state: \\u{1b}[2J no" }),
    );
  });
});

describe("errors of a remote", () => {
  it.each([
    ["fatal: Authentication failed for 'x'", "state.push.unauthorised"],
    ["git@example.invalid: Permission denied (publickey).", "state.push.unauthorised"],
    ["fatal: '/x' does not appear to be a git repository", "state.repository.missing"],
    ["fatal: detected dubious ownership in repository at '/x'", "state.repository.unsafe"],
    ["fatal: mismatched algorithms: client sha1; server sha256", "state.repository.unsupported"],
    ["remote: aborting due to possible repository corruption on the remote side.", "state.object.corrupt"],
    ["fatal: write error: No space left on device", "file.no_space"],
    ["fatal: unable to access 'x': Could not resolve host: x", "state.push.network"],
  ])("takes %j for %s", (stderr, code) => {
    expect(remoteError(URL, stderr, "Fetching")).toMatchObject({ code });
  });

  it.each(["ada:secret", "ada:p@ss@secret"])("never holds what stands before the host of an address: %s", (who) => {
    const url = `https://${who}@git.example.invalid/x.git`;
    const error = remoteError(url, `fatal: unable to access '${url}/': no`, "Fetching");
    expect(JSON.stringify([error, error.message, withoutSecret(url)])).not.toContain("secret");
  });
});
