import { readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pid } from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../../src/platform/clock.ts";
import { Turns } from "../../../../src/platform/git/turns.ts";
import { makeFolder } from "../../../support/git-repo.ts";

const soon = () => new Date(Date.now() + 10_000);

describe("taking turns", () => {
  let folder: ReturnType<typeof makeFolder>;
  let turns: Turns;
  const never = () => false;
  beforeEach(() => {
    folder = makeFolder();
    turns = new Turns(folder.path, systemClock);
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
    await Promise.all(Array.from({ length: 10 }, (_, i) => turns.take(`${i}`, soon(), work, never)));
    expect(most).toBe(1);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it("passes over tickets of the dead and of those who fell asleep", async () => {
    writeFileSync(join(folder.path, "000000000000001-99999999-dead"), "");
    const asleep = join(folder.path, `000000000000002-${pid}-asleep`);
    writeFileSync(asleep, "");
    utimesSync(asleep, new Date(0), new Date(0));
    expect(await turns.take("a", soon(), async () => "worked", never)).toBe("worked");
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it("works without its turn at the deadline, and where there can be no tickets", async () => {
    writeFileSync(join(folder.path, `000000000000001-${pid}-working`), "");
    expect(await turns.take("a", new Date(Date.now() + 30), async () => "late", never)).toBe("late");
    writeFileSync(join(folder.path, "file"), "");
    expect(
      await new Turns(join(folder.path, "file", "x"), systemClock).take("a", soon(), async () => "alone", never),
    ).toBe("alone");
  });

  it("gives its ticket back when the work fails", async () => {
    const work = async (): Promise<never> => {
      throw new Error("failed");
    };
    await expect(turns.take("a", soon(), work, never)).rejects.toThrow("failed");
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it("keeps the turn of work that comes back, and gives it back at the end", async () => {
    const order: string[] = [];
    const other = new Turns(folder.path, systemClock);
    await turns.take(
      "a",
      soon(),
      async () => "moved",
      () => true,
    );
    const waiting = other.take("b", soon(), async () => order.push("b"), never);
    await turns.take(
      "a",
      soon(),
      async () => order.push("a"),
      () => true,
    );
    await turns.close();
    await waiting;
    expect(order).toEqual(["a", "b"]);
    expect(readdirSync(folder.path)).toEqual([]);
  });
});
