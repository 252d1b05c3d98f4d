/** Prints a whole number with commas between thousands, `1,284`; asking the language for it takes a command 15 ms. */
export function countText(n: number): string {
  return String(n).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}
