/**
 * How far two hosts' clocks are taken to be apart at most, where an order has to be read from them. What a count or a
 * cause orders is not read from clocks.
 */
export const skewMsMax = 12_000;
