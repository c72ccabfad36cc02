/// Ends the process if a property does not hold, which libFuzzer reports with the input.
package func require(_ holds: Bool, _ property: @autoclosure () -> String) {
    guard holds else { fatalError("does not hold: \(property())") }
}
