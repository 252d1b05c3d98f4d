import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";

/** Bytes of an upload, kept on disk. */
export interface StoredObject {
  /** Unguessable part of the address. */
  readonly key: string;
  readonly sizeBytes: number;
  /** For example `sha256:…`. */
  readonly digest: string;
}

/** How an object is handed out. */
export interface Served {
  readonly contentType: string;
  readonly fileName: string;
}

/** Keeps the bytes of uploads; large ones never stand in memory. */
export class ObjectStore {
  readonly #folder: string;
  readonly #served = new Map<string, Served & StoredObject>();
  #count = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Stores bytes as they come. */
  async put(bytes: AsyncIterable<Uint8Array>): Promise<StoredObject> {
    this.#count += 1;
    const key = createHash("sha256").update(`object ${this.#count}`).digest("hex").slice(0, 32);
    await mkdir(this.#folder, { recursive: true });
    const file = await open(join(this.#folder, key), "w");
    const hash = createHash("sha256");
    let sizeBytes = 0;
    try {
      for await (const chunk of bytes) {
        hash.update(chunk);
        sizeBytes += chunk.length;
        await file.write(chunk);
      }
    } finally {
      await file.close();
    }
    return { key, sizeBytes, digest: `sha256:${hash.digest("hex")}` };
  }

  /** Opens the bytes of an object. */
  read(object: StoredObject): Readable {
    return createReadStream(join(this.#folder, object.key));
  }

  /** Makes an object reachable at the objects origin, and answers its path there, for example `/a1b2…`. */
  serve(object: StoredObject, as: Served): string {
    this.#served.set(object.key, { ...object, ...as });
    return `/${object.key}`;
  }

  /** Finds what is reachable at a path of the objects origin. */
  servedAt(path: string): (Served & StoredObject) | null {
    return this.#served.get(path.slice(1)) ?? null;
  }
}
