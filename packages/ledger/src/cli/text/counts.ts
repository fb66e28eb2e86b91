/** `1,821`: digits in threes, the same in every locale. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 message`, `8 messages`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** What an answer has beyond the rows that it shows. */
export function moreText(count: number): string[] {
  return count > 0 ? [`… and ${grouped(count)} more`] : [];
}
