/** A part of Waybill that later versions have, so that its name is not taken for a typing error. */
interface Later {
  readonly path: string;
  readonly version: string;
}

/** Commands that this version does not have yet; a line goes when its commands come. */
export const later: readonly Later[] = [
  { path: "serve", version: "0.3" },
  { path: "dist server", version: "0.3" },
  { path: "dist pages", version: "0.2" },
  { path: "dist feed", version: "0.2" },
  { path: "deliver", version: "0.2" },
  { path: "ad", version: "0.2" },
  { path: "ir", version: "0.2" },
];
