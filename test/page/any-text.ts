import fc from 'fast-check';

/** Any UTF-16 text, halves of pairs included, with many of the characters that markup is made of. */
export const anyText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(...Buffer.from(`<>"'\`&;/= !-:#%\\`)),
      fc.integer({ min: 0, max: 0x7f }),
      fc.integer({ min: 0, max: 0xffff }),
    ),
    { maxLength: 40 },
  )
  .map((units) => String.fromCharCode(...units));
