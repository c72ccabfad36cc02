import LabelPolicy

extension PriceTable {
    /// Linux, shared tenancy, on demand, without support or Savings Plans, as the AWS Price List API gave them.
    static let aws = PriceTable(
        origin: PriceOrigin(
            cloud: .aws, page: "https://aws.amazon.com/ec2/pricing/on-demand/", region: "us-east-1",
            date: CivilDate(daysSinceEpoch: 20_654)),  // 2026-07-20
        families: awsFamilies, types: awsTypes)

    private static let awsFamilies = """
        m4.*         4      0.05        2 4 8 16 40 64
        m5.*         4      0.048       2 4 8 16 32 48 64 96 metal:96
        m5a.*        4      0.043       2 4 8 16 32 48 64 96
        m5ad.*       4      0.0515      2 4 8 16 32 48 64 96
        m5d.*        4      0.0565      2 4 8 16 32 48 64 96 metal:96
        m5dn.*       4      0.068       2 4 8 16 32 48 64 96 metal:96
        m5n.*        4      0.0595      2 4 8 16 32 48 64 96 metal:96
        m6a.*        4      0.0432      2 4 8 16 32 48 64 96 128 192 metal:192
        m6g.*        4      0.0385      1 2 4 8 16 32 48 64
        m6gd.*       4      0.0452      1 2 4 8 16 32 48 64
        m6i.*        4      0.048       2 4 8 16 32 48 64 96 128 metal:128
        m6id.*       4      0.059325    2 4 8 16 32 48 64 96 128 metal:128
        m6idn.*      4      0.07956     2 4 8 16 32 48 64 96 128 metal:128
        m6in.*       4      0.069615    2 4 8 16 32 48 64 96 128 metal:128
        m7a.*        4      0.05796     1 2 4 8 16 32 48 64 96 128 192 metal-48xl:192
        m7g.*        4      0.0408      1 2 4 8 16 32 48 64 metal:64
        m7i.*        4      0.0504      2 4 8 16 32 48 64 96 192 metal-48xl:192
        m7i-flex.*   4      0.04788     2 4 8 16 32 48 64
        m8a.*        4      0.06086     1 2 4 8 16 32 48 64 96 192 metal-48xl:192
        m8g.*        4      0.04488     1 2 4 8 16 32 48 64 96 192 metal-48xl:192
        m8gd.*       4      0.05766     1 2 4 8 16 32 48 64 96 192 metal-48xl:192
        m8i.*        4      0.05292     2 4 8 16 32 48 64 96 128 192 metal-48xl:192 384 metal-96xl:384
        m8i-flex.*   4      0.050275    2 4 8 16 32 48 64
        c5.*         2      0.0425      2 4 8 16 36 48 72 96 metal:96
        c5a.*        2      0.0385      2 4 8 16 32 48 64 96
        c5ad.*       2      0.043       2 4 8 16 32 48 64 96
        c5d.*        2      0.048       2 4 8 16 36 48 72 96 metal:96
        c6a.*        2      0.03825     2 4 8 16 32 48 64 96 128 192 metal:192
        c6g.*        2      0.034       1 2 4 8 16 32 48 64
        c6gd.*       2      0.0384      1 2 4 8 16 32 48 64
        c6gn.*       2      0.0432      1 2 4 8 16 32 48 64
        c6i.*        2      0.0425      2 4 8 16 32 48 64 96 128 metal:128
        c6id.*       2      0.0504      2 4 8 16 32 48 64 96 128 metal:128
        c6in.*       2      0.0567      2 4 8 16 32 48 64 96 128 metal:128
        c7a.*        2      0.05132     1 2 4 8 16 32 48 64 96 128 192 metal-48xl:192
        c7g.*        2      0.03625     2 4 8 16 32 48 64 metal:64
        c7gn.*       2      0.0624      1 2 4 8 16 32 48 64 metal:64
        c7i.*        2      0.044625    2 4 8 16 32 48 64 96 192 metal-48xl:192
        c7i-flex.*   2      0.04239375  2 4 8 16 32 48 64
        c8a.*        2      0.053885    1 2 4 8 16 32 48 64 96 192 metal-48xl:192
        c8g.*        2      0.03988     1 2 4 8 16 32 48 64 96 192 metal-48xl:192
        c8gd.*       2      0.04899     1 2 4 8 16 32 48 64 96 192 metal-48xl:192
        c8i.*        2      0.046855    2 4 8 16 32 48 64 96 128 192 384 metal-96xl:384
        c8i-flex.*   2      0.04451     2 4 8 16 32 48 64
        r4.*         7.625  0.0665      2 4 8 16 32 64
        r5.*         8      0.063       2 4 8 16 32 48 64 96 metal:96
        r5a.*        8      0.0565      2 4 8 16 32 48 64 96
        r5ad.*       8      0.0655      2 4 8 16 32 48 64 96
        r5b.*        8      0.0745      2 4 8 16 32 48 64 96
        r5d.*        8      0.072       2 4 8 16 32 48 64 96 metal:96
        r5dn.*       8      0.0835      2 4 8 16 32 48 64 96 metal:96
        r5n.*        8      0.0745      2 4 8 16 32 48 64 96 metal:96
        r6a.*        8      0.0567      2 4 8 16 32 48 64 96 128 192 metal:192
        r6g.*        8      0.0504      1 2 4 8 16 32 48 64
        r6gd.*       8      0.0576      1 2 4 8 16 32 48 64
        r6i.*        8      0.063       2 4 8 16 32 48 64 96 128 metal:128
        r6id.*       8      0.0756      2 4 8 16 32 48 64 96 128 metal:128
        r6idn.*      8      0.097695    2 4 8 16 32 48 64 96 128 metal:128
        r6in.*       8      0.087165    2 4 8 16 32 48 64 96 128 metal:128
        r7a.*        8      0.076075    1 2 4 8 16 32 48 64 96 128 192 metal-48xl:192
        r7g.*        8      0.05355     2 4 8 16 32 48 64 metal:64
        r7i.*        8      0.06615     2 4 8 16 32 48 64 96 192 metal-48xl:192
        r7iz.*       8      0.093       2 4 8 16 32 48 64 128
        r8a.*        8      0.07988     1 2 4 8 16 32 48 64 96 192 metal-48xl:192
        r8g.*        8      0.05891     1 2 4 8 16 32 48 64 96 192 metal-48xl:192
        r8gd.*       8      0.07348     1 2 4 8 16 32 48 64 96 192 metal-48xl:192
        r8i.*        8      0.06946     2 4 8 16 32 48 64 96 128 192 384 metal-96xl:384
        r8i-flex.*   8      0.065985    2 4 8 16 32 48 64
        x1e.*        30.5   0.2085      4 8 16 32 64 128
        x2gd.*       16     0.0835      1 2 4 8 16 32 48 64
        x8g.*        16     0.0977      1 2 4 8 16 32 48 64 96 192 metal-48xl:192
        i3.*         7.625  0.078       2 4 8 16 32 64
        i3en.*       8      0.113       2 4 8 12 24 48 96 metal:96
        i4g.*        8      0.07722     2 4 8 16 32 64
        im4gn.*      4      0.0909475   2 4 8 16 32 64
        is4gen.*     6      0.144075    1 2 4 8 16 32
        i7ie.*       8      0.12995     2 4 8 12 24 48 72 96 192
        i8g.*        8      0.0858      2 4 8 16 32 48 64 96 192
        z1d.*        8      0.093       2 4 8 12 24 48
        """

    private static let awsTypes = """
        t2.nano            1    0.5     0   -          0.0058
        t2.micro           1    1       0   -          0.0116
        t2.small           1    2       0   -          0.023
        t2.medium          2    4       0   -          0.0464
        t2.large           2    8       0   -          0.0928
        t2.xlarge          4    16      0   -          0.1856
        t2.2xlarge         8    32      0   -          0.3712
        t3.nano            2    0.5     0   -          0.0052
        t3.micro           2    1       0   -          0.0104
        t3.small           2    2       0   -          0.0208
        t3.medium          2    4       0   -          0.0416
        t3.large           2    8       0   -          0.0832
        t3.xlarge          4    16      0   -          0.1664
        t3.2xlarge         8    32      0   -          0.3328
        t3a.nano           2    0.5     0   -          0.0047
        t3a.micro          2    1       0   -          0.0094
        t3a.small          2    2       0   -          0.0188
        t3a.medium         2    4       0   -          0.0376
        t3a.large          2    8       0   -          0.0752
        t3a.xlarge         4    16      0   -          0.1504
        t3a.2xlarge        8    32      0   -          0.3008
        t4g.nano           2    0.5     0   -          0.0042
        t4g.micro          2    1       0   -          0.0084
        t4g.small          2    2       0   -          0.0168
        t4g.medium         2    4       0   -          0.0336
        t4g.large          2    8       0   -          0.0672
        t4g.xlarge         4    16      0   -          0.1344
        t4g.2xlarge        8    32      0   -          0.2688
        m5zn.large         2    8       0   -          0.1652
        m5zn.xlarge        4    16      0   -          0.3303
        m5zn.2xlarge       8    32      0   -          0.6607
        m5zn.3xlarge       12   48      0   -          0.991
        m5zn.6xlarge       24   96      0   -          1.982
        m5zn.12xlarge      48   192     0   -          3.9641
        c5n.large          2    5.25    0   -          0.108
        c5n.xlarge         4    10.5    0   -          0.216
        c5n.2xlarge        8    21      0   -          0.432
        c5n.4xlarge        16   42      0   -          0.864
        c5n.9xlarge        36   96      0   -          1.944
        c5n.18xlarge       72   192     0   -          3.888
        i4i.large          2    16      0   -          0.172
        i4i.xlarge         4    32      0   -          0.343
        i4i.2xlarge        8    64      0   -          0.686
        i4i.4xlarge        16   128     0   -          1.373
        i4i.8xlarge        32   256     0   -          2.746
        i4i.16xlarge       64   512     0   -          5.491
        i4i.32xlarge       128  1024    0   -          10.9824
        m7gd.medium        1    4       0   -          0.0534
        m7gd.large         2    8       0   -          0.1068
        m7gd.xlarge        4    16      0   -          0.2136
        m7gd.2xlarge       8    32      0   -          0.4271
        m7gd.4xlarge       16   64      0   -          0.8543
        m7gd.8xlarge       32   128     0   -          1.7086
        m7gd.12xlarge      48   192     0   -          2.5628
        m7gd.16xlarge      64   256     0   -          3.4171
        c7gd.medium        1    2       0   -          0.0454
        c7gd.large         2    4       0   -          0.0907
        c7gd.xlarge        4    8       0   -          0.1814
        c7gd.2xlarge       8    16      0   -          0.3629
        c7gd.4xlarge       16   32      0   -          0.7258
        c7gd.8xlarge       32   64      0   -          1.4515
        c7gd.12xlarge      48   96      0   -          2.1773
        c7gd.16xlarge      64   128     0   -          2.903
        r7gd.medium        1    8       0   -          0.068
        r7gd.large         2    16      0   -          0.1361
        r7gd.xlarge        4    32      0   -          0.2722
        r7gd.2xlarge       8    64      0   -          0.5443
        r7gd.4xlarge       16   128     0   -          1.0886
        r7gd.8xlarge       32   256     0   -          2.1773
        r7gd.12xlarge      48   384     0   -          3.2659
        r7gd.16xlarge      64   512     0   -          4.3546
        x1.16xlarge        64   976     0   -          6.669
        x1.32xlarge        128  1952    0   -          13.338
        x2idn.16xlarge     64   1024    0   -          6.669
        x2idn.24xlarge     96   1536    0   -          10.0035
        x2idn.32xlarge     128  2048    0   -          13.338
        inf1.xlarge        4    8       0   -          0.228
        inf1.2xlarge       8    16      0   -          0.362
        inf1.6xlarge       24   48      0   -          1.18
        inf1.24xlarge      96   192     0   -          4.721
        inf2.xlarge        4    16      0   -          0.7582
        inf2.8xlarge       32   128     0   -          1.96786
        inf2.24xlarge      96   384     0   -          6.49063
        inf2.48xlarge      192  768     0   -          12.98127
        trn1.2xlarge       8    32      0   -          1.34375
        trn1.32xlarge      128  512     0   -          21.5
        p2.xlarge          4    61      1   K80        0.9
        p2.8xlarge         32   488     8   K80        7.2
        p2.16xlarge        64   732     16  K80        14.4
        p3.2xlarge         8    61      1   V100       3.06
        p3.8xlarge         32   244     4   V100       12.24
        p3.16xlarge        64   488     8   V100       24.48
        p3dn.24xlarge      96   768     8   V100       31.212
        p4d.24xlarge       96   1152    8   A100-40GB  21.957642
        p4de.24xlarge      96   1152    8   A100-80GB  27.44705
        p5.4xlarge         16   256     1   H100       6.88
        p5.48xlarge        192  2048    8   H100       55.04
        p5en.48xlarge      192  2048    8   H200       63.296
        p6-b200.48xlarge   192  2048    8   B200       113.9328
        p6-b300.48xlarge   192  4096    8   B300       142.416
        g4ad.xlarge        4    16      1   V520       0.37853
        g4ad.2xlarge       8    32      1   V520       0.54117
        g4ad.4xlarge       16   64      1   V520       0.867
        g4ad.8xlarge       32   128     2   V520       1.734
        g4ad.16xlarge      64   256     4   V520       3.468
        g4dn.xlarge        4    16      1   T4         0.526
        g4dn.2xlarge       8    32      1   T4         0.752
        g4dn.4xlarge       16   64      1   T4         1.204
        g4dn.8xlarge       32   128     1   T4         2.176
        g4dn.12xlarge      48   192     4   T4         3.912
        g4dn.16xlarge      64   256     1   T4         4.352
        g5.xlarge          4    16      1   A10G       1.006
        g5.2xlarge         8    32      1   A10G       1.212
        g5.4xlarge         16   64      1   A10G       1.624
        g5.8xlarge         32   128     1   A10G       2.448
        g5.12xlarge        48   192     4   A10G       5.672
        g5.16xlarge        64   256     1   A10G       4.096
        g5.24xlarge        96   384     4   A10G       8.144
        g5.48xlarge        192  768     8   A10G       16.288
        g5g.xlarge         4    8       1   T4G        0.42
        g5g.2xlarge        8    16      1   T4G        0.556
        g5g.4xlarge        16   32      1   T4G        0.828
        g5g.8xlarge        32   64      1   T4G        1.372
        g5g.16xlarge       64   128     2   T4G        2.744
        g6.xlarge          4    16      1   L4         0.8048
        g6.2xlarge         8    32      1   L4         0.9776
        g6.4xlarge         16   64      1   L4         1.3232
        g6.8xlarge         32   128     1   L4         2.0144
        g6.12xlarge        48   192     4   L4         4.6016
        g6.16xlarge        64   256     1   L4         3.3968
        g6.24xlarge        96   384     4   L4         6.6752
        g6.48xlarge        192  768     8   L4         13.3504
        g6e.xlarge         4    32      1   L40S       1.861
        g6e.2xlarge        8    64      1   L40S       2.24208
        g6e.4xlarge        16   128     1   L40S       3.00424
        g6e.8xlarge        32   256     1   L40S       4.52856
        g6e.12xlarge       48   384     4   L40S       10.49264
        g6e.16xlarge       64   512     1   L40S       7.57719
        g6e.24xlarge       96   768     4   L40S       15.06559
        g6e.48xlarge       192  1536    8   L40S       30.13118
        gr6.4xlarge        16   128     1   L4         1.5392
        gr6.8xlarge        32   256     1   L4         2.4464
        """
}
