import type { Grade } from "../../schema/types.gen.ts";

/** The part of a message that says which grade policy asks for. */
export function asksGrade(grade: Grade): string {
  return `policy asks ${grade}`;
}

/** What brings the proof that a pending merge waits for, by its message: where policy asks `attested`, an attestor alone can. */
export function pendingRemedy(message: string): string {
  return message.includes(asksGrade("attested"))
    ? "Run the job of an attestor, or waybill gate sync with its key in WAYBILL_ATTESTOR_KEY"
    : "waybill gate sync";
}
