export const RANGE: string;
export function isSupported(version: string): boolean;
export function refusal(version: string): string;
