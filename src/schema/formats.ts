import { isOneLine, isPlainText } from "../kernel/text.ts";
import { isTimestamp } from "../kernel/time.ts";

/** What texts of documents are held to, by the names that schemas call it. */
export const formats: Readonly<Record<string, (text: string) => boolean>> = {
  "date-time": isTimestamp,
  "one-line": isOneLine,
  "plain-text": isPlainText,
};
