import { SaxesParser } from "saxes";
import type { ToolError } from "../kernel/errors.ts";
import { decodeUtf8, printable } from "../kernel/text.ts";

/** An element of a small document; names come without their prefix. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Text directly inside it. */
  readonly text: string;
}

interface Open extends XmlElement {
  readonly children: XmlElement[];
  text: string;
}

const MOST_ELEMENTS = 100_000;
const DEEPEST = 64;

/** Reads a whole document of bounded size. A document type that defines anything is refused. */
export function readXml(content: Uint8Array, fail: (message: string) => ToolError): XmlElement {
  const parser = new SaxesParser({ xmlns: false, fragment: false });
  const stack: Open[] = [];
  let root: XmlElement | undefined;
  let elements = 0;
  parser.on("doctype", () => {
    throw fail("The document defines a type of its own");
  });
  parser.on("error", (cause) => {
    throw fail(`The document is no XML: ${printable(cause.message, 120)}`);
  });
  parser.on("opentag", (tag) => {
    elements += 1;
    if (elements > MOST_ELEMENTS || stack.length >= DEEPEST)
      throw fail(`The document has more than ${MOST_ELEMENTS} elements or ${DEEPEST} levels`);
    const attributes = new Map(Object.entries(tag.attributes));
    stack.push({ name: tag.name.replace(/^.*:/, ""), attributes, children: [], text: "" });
  });
  const addText = (text: string) => {
    const top = stack.at(-1);
    if (top !== undefined) top.text += text;
  };
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.on("closetag", () => {
    const closed = stack.pop();
    if (closed === undefined) return;
    const parent = stack.at(-1);
    if (parent === undefined) root = closed;
    else parent.children.push(closed);
  });
  parser.write(decoded(content, fail)).close();
  if (root === undefined) throw fail("The document is empty");
  return root;
}

/** Finds all elements of a name, at any depth, in order. */
export function* elementsNamed(element: XmlElement, name: string): Generator<XmlElement> {
  for (const child of element.children) {
    if (child.name === name) yield child;
    yield* elementsNamed(child, name);
  }
}

/** Finds an attribute, safe to print on one line. */
export function attributeOf(element: XmlElement | undefined, name: string): string | undefined {
  const value = element?.attributes.get(name);
  return value === undefined ? undefined : printable(value);
}

function decoded(content: Uint8Array, fail: (message: string) => ToolError): string {
  try {
    return decodeUtf8(content, "The document").replace(/^\ufeff/, "");
  } catch {
    throw fail("The document is no valid UTF-8");
  }
}
