/** Digits in groups of five, as they are read out. */
export function DigitGroups({ digits, testId }: { digits: string; testId: string }) {
  return (
    <p className="digits" data-testid={testId} data-digits={digits}>
      {digits.match(/.{5}/gu)?.map((group, index) => (
        <span key={index}>{group} </span>
      ))}
    </p>
  );
}
