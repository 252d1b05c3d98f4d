/** Does one job after the other somewhere else, as in a thread; null as well where that place is gone. */
export interface Jobs<J, A> {
  ask(job: J): Promise<A | null>;
  close(): Promise<void>;
}
