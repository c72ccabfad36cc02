import LabelPolicy

extension PriceTable {
    /// On demand, without sustained or committed use discounts, as the Cloud Billing Catalog API gave them.
    static let googleCloud = PriceTable(
        origin: PriceOrigin(
            cloud: .googleCloud, page: "https://cloud.google.com/compute/vm-instance-pricing", region: "us-central1",
            date: CivilDate(daysSinceEpoch: 20_668)),  // 2026-08-03
        families: googleCloudFamilies, types: googleCloudTypes)

    private static let googleCloudFamilies = """
        e2-standard-*   4      0.03350571  2 4 8 16 32
        e2-highmem-*    8      0.04519983  2 4 8 16
        e2-highcpu-*    1      0.02473512  2 4 8 16 32
        n1-standard-*   3.75   0.04749975  1 2 4 8 16 32 64 96
        n1-highmem-*    6.5    0.0591515   2 4 8 16 32 64 96
        n1-highcpu-*    0.9    0.0354243   2 4 8 16 32 64 96
        n2-standard-*   4      0.048559    2 4 8 16 32 48 64 80 96 128
        n2-highmem-*    8      0.065507    2 4 8 16 32 48 64 80 96
        n2-highcpu-*    1      0.035848    2 4 8 16 32 48 64 80 96
        n2d-standard-*  4      0.042246    2 4 8 16 32 48 64 80 96 128 224
        n2d-highmem-*   8      0.05699     2 4 8 16 32 48 64 80 96
        n2d-highcpu-*   1      0.031188    2 4 8 16 32 48 64 80 96 128 224
        t2d-standard-*  4      0.042246    1 2 4 8 16 32 48 60
        t2a-standard-*  4      0.0385      1 2 4 8 16 32 48
        c2-standard-*   4      0.052202    4 8 16 30 60
        c2d-standard-*  4      0.045399    2 4 8 16 32 56 112
        c2d-highmem-*   8      0.061235    2 4 8 16 32 56 112
        c2d-highcpu-*   2      0.037481    2 4 8 16 32 56 112
        c3-standard-*   4      0.050402    4 8 22 44 88 176
        c3-highmem-*    8      0.066154    4 8 22 44 88 176
        c3-highcpu-*    2      0.042526    4 8 22 44 88 176
        c3d-standard-*  4      0.045399    4 8 16 30 60 90 180 360
        c3d-highmem-*   8      0.061235    4 8 16 30 60 90 180 360
        c3d-highcpu-*   2      0.037481    4 8 16
        c4-standard-*   3.75   0.0494175   4 8 16 24 32 48 96 144 192 288
        c4-highmem-*    7.75   0.0651695   4 8 16 24 32 48 96 144 192 288
        c4-highcpu-*    2      0.042526    2 4 8 16 24 32 48 96 144 192 288
        c4a-standard-*  4      0.0449      1 2 4 8 16 32 48 64 72
        c4a-highmem-*   8      0.05894     1 2 4 8 16 32 48 64 72
        c4a-highcpu-*   2      0.03788     1 2 4 8 16 32 48 64 72
        n4-standard-*   4      0.04535     2 4 8 16 32 48 64 80
        n4-highmem-*    8      0.05951     2 4 8 16 32 48 64 80
        n4-highcpu-*    2      0.03827     2 4 8 16 32 48 64 80
        n4a-standard-*  4      0.0385      1 2 4 8 16 32 48 64
        n4a-highmem-*   8      0.05054     1 2 4 8 16 32 48 64
        n4a-highcpu-*   2      0.03248     1 2 4 8 16 32 48 64
        n4d-standard-*  4      0.04235     2 4 8 16 32 48 64 80 96
        n4d-highmem-*   8      0.05559     2 4 8 16 32 48 64 80 96
        n4d-highcpu-*   2      0.03573     2 4 8 16 32 48 64 80 96
        """

    private static let googleCloudTypes = """
        e2-micro         2    1       0   -             0.00837643
        e2-small         2    2       0   -             0.01675286
        e2-medium        2    4       0   -             0.03350571
        f1-micro         1    0.6     0   -             0.0076
        g1-small         1    1.7     0   -             0.0257
        c4-standard-2    2    7       0   -             0.096866
        c4-highmem-2     2    15      0   -             0.12837
        n2-highmem-128   128  864     0   -             7.706976
        m1-ultramem-40   40   961     0   -             6.2931
        m1-ultramem-80   80   1922    0   -             12.5862
        m1-ultramem-160  160  3844    0   -             25.1724
        m1-megamem-96    96   1433.6  0   -             10.65216
        m3-ultramem-32   32   976     0   -             6.0912
        m3-ultramem-64   64   1952    0   -             12.1824
        m3-ultramem-128  128  3904    0   -             24.3648
        m3-megamem-64    64   976     0   -             7.2048
        m3-megamem-128   128  1952    0   -             14.4096
        a2-highgpu-1g    12   85      1   A100-40GB     3.673385
        a2-highgpu-2g    24   170     2   A100-40GB     7.34677
        a2-highgpu-4g    48   340     4   A100-40GB     14.69354
        a2-highgpu-8g    96   680     8   A100-40GB     29.38708
        a2-megagpu-16g   96   1360    16  A100-40GB     55.739504
        a2-ultragpu-1g   12   170     1   A100-80GB     5.06879789
        a2-ultragpu-2g   24   340     2   A100-80GB     10.137595781
        a2-ultragpu-4g   48   680     4   A100-80GB     20.275191562
        a2-ultragpu-8g   96   1360    8   A100-80GB     40.550383123
        a3-highgpu-1g    26   234     1   H100          11.061249988
        a3-highgpu-2g    52   468     2   H100          22.122499976
        a3-highgpu-4g    104  936     4   H100          44.244999951
        a3-highgpu-8g    208  1872    8   H100          88.489999903
        g2-standard-4    4    16      1   L4            0.706832255
        g2-standard-8    8    32      1   L4            0.853624271
        g2-standard-12   12   48      1   L4            1.000416287
        g2-standard-16   16   64      1   L4            1.147208303
        g2-standard-32   32   128     1   L4            1.734376367
        g2-standard-24   24   96      2   L4            2.000832574
        g2-standard-48   48   192     4   L4            4.001665148
        g2-standard-96   96   384     8   L4            8.003330296
        g4-standard-48   48   180     1   RTX-PRO-6000  4.49993
        g4-standard-96   96   360     2   RTX-PRO-6000  8.99986
        g4-standard-192  192  720     4   RTX-PRO-6000  17.99972
        g4-standard-384  384  1440    8   RTX-PRO-6000  35.99944
        """

    /// Of the GPUs below; as of the day they were written down, like `ListedRate.date`.
    static let attachedGPUOrigin = PriceOrigin(
        cloud: .googleCloud, page: "https://cloud.google.com/compute/gpus-pricing", region: "us-central1",
        date: ListedRate.date)

    /// USD per hour of a GPU attached to an N1 machine, by the node's label `cloud.google.com/gke-accelerator`. Other machine types have their GPUs in their price.
    static let googleCloudAttachedGPUs = """
        nvidia-tesla-t4    0.35
        nvidia-tesla-p4    0.60
        nvidia-tesla-p100  1.46
        nvidia-tesla-v100  2.48
        """

    /// Thousandths of the us-central1 price in other regions, for the series whose prices differ by the same factor
    /// (E2, N1, N2, N2D, T2D, C2, C2D; within half a per cent). Regions where they do not are left out.
    static let googleCloudRegions = """
        africa-south1             1100
        asia-east1                1158
        asia-east2                1399
        asia-northeast1           1283
        asia-northeast2           1284
        asia-northeast3           1284
        asia-south2               1201
        asia-southeast1           1234
        asia-southeast2           1345
        australia-southeast1      1419
        europe-central2           1210
        europe-north1             1101
        europe-north2             1050
        europe-southwest1         1180
        europe-west1              1100
        europe-west10             1288
        europe-west12             1290
        europe-west2              1288
        europe-west3              1288
        europe-west4              1101
        europe-west6              1310
        europe-west8              1160
        europe-west9              1160
        me-central1               1215
        me-central2               1600
        me-west1                  1100
        northamerica-northeast1   1101
        northamerica-northeast2   1101
        northamerica-south1       1090
        southamerica-east1        1587
        southamerica-west1        1430
        us-east1                  1000
        us-east4                  1126
        us-east5                  1000
        us-south1                 1180
        us-west1                  1000
        us-west2                  1201
        us-west3                  1201
        us-west4                  1126
        """
}
