// Preloaded into a program: its clock is off by WAYBILL_SOAK_CLOCK_MS.
const offset = Number(process.env["WAYBILL_SOAK_CLOCK_MS"] ?? 0);
const Real = Date;
globalThis.Date = class extends Real {
  constructor(...given) {
    if (given.length === 0) super(Real.now() + offset);
    else super(...given);
  }
  static now() {
    return Real.now() + offset;
  }
};
