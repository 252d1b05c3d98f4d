import { SaxesParser } from "saxes";
import { printable } from "../../kernel/text.ts";
import { isProblem } from "../problem.ts";
import { DEEPEST, MOST_NODES, plistProblems } from "./problems.ts";
import { dictionaryOf, type Plist } from "./value.ts";

/** An element that is open: what its parts were, and the text in it. */
interface Open {
  readonly name: string;
  readonly values: Plist[];
  readonly keys: string[];
  text: string;
}

/** Reads a property list in XML. A document type may be named, but define nothing. */
export function readXmlPlist(content: Uint8Array): Plist {
  const parser = new SaxesParser({ xmlns: false, fragment: false });
  const stack: Open[] = [];
  let root: Plist | undefined;
  let nodes = 0;
  parser.on("doctype", (doctype) => {
    // Entities are how a short text becomes a long one, or another file.
    if (doctype.includes("["))
      throw plistProblems.error("doctype_subset", "The property list defines entities of its own");
  });
  parser.on("error", (cause) => {
    throw plistProblems.error("bad_structure", `The property list is no XML: ${printable(cause.message, 120)}`);
  });
  parser.on("opentag", ({ name }) => {
    nodes += 1;
    if (nodes > MOST_NODES)
      throw plistProblems.error("too_large", `The property list has more than ${MOST_NODES} values`);
    if (stack.length > DEEPEST)
      throw plistProblems.error("too_deep", `The property list is more than ${DEEPEST} levels deep`);
    stack.push({ name, values: [], keys: [], text: "" });
  });
  const addText = (text: string) => {
    const top = stack.at(-1);
    if (top !== undefined) top.text += text;
  };
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.on("closetag", () => {
    const closed = stack.pop();
    const parent = stack.at(-1);
    if (closed === undefined) return;
    if (parent === undefined) root = rootValue(closed);
    else if (closed.name === "key" && parent.name === "dict") addKey(parent, closed.text);
    else parent.values.push(valueOf(closed));
  });
  try {
    parser.write(decoded(content)).close();
  } catch (cause) {
    if (isProblem(cause)) throw cause;
    throw plistProblems.error("bad_structure", "The property list is no XML");
  }
  if (root === undefined) throw plistProblems.error("bad_structure", "The property list is empty");
  return root;
}

function addKey(dictionary: Open, key: string): void {
  if (dictionary.keys.length !== dictionary.values.length) throw keyWithoutValue();
  dictionary.keys.push(key);
}

function rootValue(closed: Open): Plist {
  const [value, other] = closed.values;
  if (closed.name !== "plist" || value === undefined || other !== undefined) {
    throw plistProblems.error("bad_structure", "The XML is no property list with one value");
  }
  return value;
}

function valueOf({ name, values, keys, text }: Open): Plist {
  switch (name) {
    case "string":
      return text;
    case "true":
    case "false":
      return name === "true";
    case "integer":
    case "real":
      return numberOf(text);
    case "date":
      return new Date(text.trim());
    case "data":
      return Buffer.from(text, "base64");
    case "array":
      return values;
    case "dict":
      if (keys.length !== values.length) throw keyWithoutValue();
      return dictionaryOf(keys.map((key, index) => [key, values[index] ?? ""] as const));
    default:
      throw plistProblems.error("bad_structure", `The property list holds the unknown element ${printable(name, 40)}`);
  }
}

function numberOf(text: string): number {
  const value = Number(text.trim());
  if (text.trim() === "" || Number.isNaN(value))
    throw plistProblems.error("bad_structure", `"${printable(text, 40)}" is no number`);
  return value;
}

/** UTF-8, or UTF-16 with a mark that says so. */
function decoded(content: Uint8Array): string {
  const mark = (content[0] ?? 0) * 256 + (content[1] ?? 0);
  const encoding = mark === 0xfffe ? "utf-16le" : mark === 0xfeff ? "utf-16be" : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(content);
  } catch {
    throw plistProblems.error("bad_encoding", `The property list is no valid ${encoding.toUpperCase()}`);
  }
}

function keyWithoutValue() {
  return plistProblems.error("bad_structure", "A key of the property list has no value");
}
