/** Soon. */
export function supplyReport(..._: readonly unknown[]): string {
  return '';
}
