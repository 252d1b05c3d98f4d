import { readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pid } from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../../src/platform/clock.ts";
import { inTurn } from "../../../../src/platform/git/turns.ts";
import { makeFolder } from "../../../support/git-repo.ts";

const soon = () => new Date(Date.now() + 10_000);

describe("taking turns", () => {
  let folder: ReturnType<typeof makeFolder>;
  beforeEach(() => {
    folder = makeFolder();
  });
  afterEach(() => folder.remove());

  it("lets one work at a time, and each of them once", async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await systemClock.sleep(2);
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 10 }, () => inTurn(folder.path, systemClock, soon(), work)));
    expect(most).toBe(1);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it("passes over tickets of the dead and of those who fell asleep", async () => {
    writeFileSync(join(folder.path, "000000000000001-99999999-dead"), "");
    const asleep = join(folder.path, `000000000000002-${pid}-asleep`);
    writeFileSync(asleep, "");
    utimesSync(asleep, new Date(0), new Date(0));
    expect(await inTurn(folder.path, systemClock, soon(), async () => "worked")).toBe("worked");
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it("works without its turn at the deadline, and where there can be no tickets", async () => {
    writeFileSync(join(folder.path, `000000000000001-${pid}-working`), "");
    expect(await inTurn(folder.path, systemClock, new Date(Date.now() + 30), async () => "late")).toBe("late");
    writeFileSync(join(folder.path, "file"), "");
    expect(await inTurn(join(folder.path, "file", "x"), systemClock, soon(), async () => "alone")).toBe("alone");
  });

  it("gives its ticket back when the work fails", async () => {
    const work = async (): Promise<never> => {
      throw new Error("failed");
    };
    await expect(inTurn(folder.path, systemClock, soon(), work)).rejects.toThrow("failed");
    expect(readdirSync(folder.path)).toEqual([]);
  });
});
