/** How loud an annotation is. */
export type Level = "error" | "warning" | "notice";

/** One annotation; text only, the runner's escaping is the writer's. */
export interface Annotation {
  readonly level: Level;
  readonly title: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
}

/** What a step tells its runner. */
export interface Runner {
  /** Keeps a value out of the log; must come before anything that could show it. */
  mask(secret: string): void;
  output(name: string, value: string): void;
  annotate(annotation: Annotation): void;
  summary(markdown: string): Promise<void>;
}
