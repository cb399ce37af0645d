/** Whether some leaf's open page or dictionary is full, so that `endRow` looks at all of them. */
export class Full {
  static any: bool = false;
}
