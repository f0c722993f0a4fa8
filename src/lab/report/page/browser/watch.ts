/** Loads the page anew where the server says that the results changed. */

export function followChanges(): void {
  const changes = new EventSource('changes');
  changes.addEventListener('change', () => location.reload());
}
