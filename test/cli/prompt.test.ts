import { describe, expect, it } from "vitest";
import { confirm, type Prompt } from "../../cli/prompt.ts";
import { ToolError } from "../../src/kernel/errors.ts";

function promptWith(answer: string | null) {
  const heard: string[] = [];
  const prompt: Prompt = {
    ask: async (question) => {
      heard.push(question);
      return answer;
    },
    say: (text) => heard.push(text),
  };
  return { prompt, heard };
}

async function codeFor(answer: string | null): Promise<string | undefined> {
  try {
    await confirm(promptWith(answer).prompt, {}, "12 files go", "Delete 12 files (1.1 GB)?");
    return undefined;
  } catch (error) {
    return error instanceof ToolError ? error.code : "another error";
  }
}

describe("confirmation", () => {
  it("says the effect, then asks with no as the default", async () => {
    const { prompt, heard } = promptWith("y");
    await confirm(prompt, {}, "12 files go", "Delete 12 files (1.1 GB)?");
    expect(heard).toEqual(["12 files go", "Delete 12 files (1.1 GB)? [y/N] "]);
  });

  it("asks nothing with --yes", async () => {
    const { prompt, heard } = promptWith("n");
    await confirm(prompt, { yes: true }, "12 files go", "Delete?");
    expect(heard).toEqual([]);
  });

  it.each([
    ["y", undefined],
    ["YES", undefined],
    ["", "usage.confirm_required"],
    ["no", "usage.confirm_required"],
    ["yesterday", "usage.confirm_required"],
    [null, "usage.confirm_required"],
  ])("after the answer %j ends with %s", async (answer, code) => {
    expect(await codeFor(answer)).toBe(code);
  });
});
