/** How the attacks of a run are called while they are made: `attack gan-inversion`, and `attack gan-inversion 2` for the second of that name. */
export function attackPhases(attacks: readonly { readonly name: string }[]): string[] {
  return attacks.map(({ name }, index) => {
    const number = attacks.slice(0, index + 1).filter((attack) => attack.name === name).length;
    return `attack ${name}${number > 1 ? ` ${number}` : ''}`;
  });
}
